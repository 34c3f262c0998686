"""Who calls, once a door has looked at the credential."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fake_jira.model.records import User


@dataclass(frozen=True, slots=True)
class Caller:
    """`user` None = anonymous; `login_reason` is what the response header x-seraph-loginreason says, if anything.

    `app` is the client id of the app that acts for the user by OAuth, None for people and API tokens. `scopes` limits
    what a token may do, None = everything the user may.

    `rests_on` are the records that this recognition rests on, each as (dict of the state, key, record): as long as
    they stand there and it is not `good_until`, the same header is the same caller. Empty: ask again each time.
    `sends` are headers that tell the client of its session.
    """

    user: User | None
    login_reason: str | None = None
    app: str | None = None
    scopes: frozenset[str] | None = None
    rests_on: tuple[tuple[Mapping[Any, Any], Any, Any], ...] = field(default=(), compare=False)
    good_until: datetime | None = None
    sends: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def is_good(self, now: datetime) -> bool:
        """Whether the credential has not run out by itself."""
        return self.good_until is None or now < self.good_until


ANONYMOUS = Caller(None)
GATEWAY_SITE = "fake_jira.gateway"  # where the WSGI environment keeps the cloud id of a request to the gateway
