"""Who calls, once a door has looked at the credential."""

from dataclasses import dataclass

from fake_jira.model.records import User


@dataclass(frozen=True, slots=True)
class Caller:
    """`user` None = anonymous; `login_reason` is what the response header x-seraph-loginreason says, if anything.

    `app` is the client id of the app that acts for the user by OAuth, None for people and API tokens. `scopes` limits
    what a token may do, None = everything the user may.
    """

    user: User | None
    login_reason: str | None = None
    app: str | None = None
    scopes: frozenset[str] | None = None


ANONYMOUS = Caller(None)
GATEWAY_SITE = "fake_jira.gateway"  # where the WSGI environment keeps the cloud id of a request to the gateway
