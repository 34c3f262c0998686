"""What a person is shown for a ticket: a pure function of ticket, integration and now (R15).

Nothing is overwritten when an integration breaks or is switched off; it is only shown differently, so nothing is lost.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.rules.age import is_still_refreshed
from service.rules.tickets import EpochCause, Integration, Ticket

UNKNOWN = "Unknown"  # [ticket-status, safeguards 2 and 3]


class Because(StrEnum):
    """Why a ticket shows what it shows."""

    CURRENT = "current"  # retrieved in the present epoch
    LAST_KNOWN = "last_known"  # older than a year: refreshed no more
    DELETED = "deleted"
    HIDDEN = "hidden"  # Jira has it and does not show it to this account
    BROKEN = "broken"  # the integration is broken, or recovered and this ticket not yet refreshed
    REMOVED = "removed"  # the integration is gone
    AWAITING = "awaiting"  # never retrieved, or not since the toggle was switched on
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Shown:
    """`status` is a status name, "Unknown", or None for an empty cell; `category` colours its dot."""

    status: str | None
    category: str | None
    because: Because
    last_update: datetime | None


def shown(ticket: Ticket, integration: Integration, now: datetime) -> Shown:
    """What the Ticket Status column says at `now`."""
    if integration.removed_at is not None:  # 3.6: a removed integration is a broken one for its tickets
        return _unknown(ticket, Because.REMOVED)
    if not integration.retrieve_tickets:  # 3.7: off shows no status at all
        return Shown(None, None, Because.DISABLED, None)
    if ticket.deleted_at is not None:  # safeguard 2
        return _unknown(ticket, Because.DELETED)
    if integration.broken_since is not None:  # safeguard 3
        return _unknown(ticket, Because.BROKEN)
    if ticket.hidden_at is not None:  # R14: neither deleted nor a fault of the integration
        return _unknown(ticket, Because.HIDDEN)
    if ticket.status is not None and ticket.epoch == integration.epoch:
        return _known(ticket, Because.CURRENT, now)
    if not is_still_refreshed(ticket.created_at, now) and integration.settled_epoch == integration.epoch:
        return _known(ticket, Because.LAST_KNOWN, now)
    if integration.epoch_cause is EpochCause.BROKEN:  # recovered, but not refreshed yet
        return _unknown(ticket, Because.BROKEN)
    return Shown(None, None, Because.AWAITING, None)


def _unknown(ticket: Ticket, because: Because) -> Shown:
    return Shown(UNKNOWN, None, because, ticket.refreshed_at)


def _known(ticket: Ticket, because: Because, now: datetime) -> Shown:
    if because is Because.CURRENT and not is_still_refreshed(ticket.created_at, now):
        because = Because.LAST_KNOWN
    if ticket.status is None:  # older than a year and never retrieved: there is nothing to show
        return Shown(None, None, because, ticket.refreshed_at)
    return Shown(ticket.status.name, ticket.status.category, because, ticket.refreshed_at)
