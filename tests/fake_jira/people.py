"""Who calls, in either flavour: credentials of the admin, the viewer, and of somebody in between."""

from fake_jira.model.people import add_user
from fake_jira.model.records import User
from fake_jira.model.state import CLOUD
from tests.fake_jira.conftest import ADMIN, DC_ADMIN, DC_VIEWER, VIEWER, Jira

Auth = tuple[str, str]


def admin(jira: Jira) -> Auth:
    return ADMIN if jira.flavour == CLOUD else DC_ADMIN


def viewer(jira: Jira) -> Auth:
    return VIEWER if jira.flavour == CLOUD else DC_VIEWER


def member(jira: Jira) -> tuple[Auth, User]:
    """Somebody new who works on issues and administers nothing."""
    user = add_user(jira.site, "mia@example.com", "Mia Member", "mia-secret")
    return ("mia@example.com" if jira.flavour == CLOUD else "mia", "mia-secret"), user


def named(jira: Jira, user: User) -> dict[str, str]:
    """The user, as bodies name people."""
    return {"accountId": user.account_id} if jira.flavour == CLOUD else {"name": user.name}
