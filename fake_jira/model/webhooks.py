"""Who wants to be told: webhooks that apps register for themselves, and those of administrators [jira 5.13, 5.14]."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from fake_jira.model.records import User
from fake_jira.model.state import Site
from fake_jira.model.webhook_records import AdminWebhook, DynamicWebhook, FailedDelivery

LASTS = timedelta(days=30)  # a dynamic webhook, unless it is refreshed
PER_APP = 5  # dynamic webhooks of one app for one user [jira 5.13]
MOST_FAILED = 100  # deliveries that were given up and are still told of
FAILED_KEPT = timedelta(hours=72)


def register(site: Site, wanted: DynamicWebhook) -> DynamicWebhook:
    """Adds a dynamic webhook under the next id, good for thirty days."""
    made = replace(wanted, id=_next(site), expires_at=site.now() + LASTS)
    site.state.webhooks[str(made.id)] = made
    return made


def webhooks_of(site: Site, client_id: str, account_id: str) -> list[DynamicWebhook]:
    """Those of the app and user that have not ended."""
    now = site.now()
    return [
        each
        for each in site.state.webhooks.values()
        if (each.client_id, each.account_id) == (client_id, account_id) and now < each.expires_at
    ]


def forget(site: Site, webhooks: Iterable[DynamicWebhook]) -> None:
    for each in webhooks:
        del site.state.webhooks[str(each.id)]


def refresh(site: Site, webhooks: Iterable[DynamicWebhook]) -> datetime:
    """Thirty more days from now for these; when they end."""
    until = site.now() + LASTS
    for each in webhooks:
        site.state.webhooks[str(each.id)] = replace(each, expires_at=until)
    return until


def save_admin_webhook(site: Site, wanted: AdminWebhook, actor: User) -> AdminWebhook:
    """Adds one (id 0), or puts it in the place of the one with its id."""
    made = replace(wanted, id=wanted.id or _next(site), account_id=actor.account_id, updated_at=site.now())
    site.state.admin_webhooks[str(made.id)] = made
    return made


def note_failure(site: Site, failure: FailedDelivery) -> None:
    """Remembers the failure; the oldest of too many is forgotten."""
    failed = site.state.failed_deliveries
    failed[failure.id] = failure
    while len(failed) > MOST_FAILED:
        del failed[next(iter(failed))]


def _next(site: Site) -> int:
    """Ids of webhooks are small numbers [jira 6.1]."""
    return int(site.state.next_id("webhook")) - 9999
