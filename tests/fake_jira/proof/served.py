"""What the fake serves, by flavour: its routes, and which documented operation each of them is."""

from dataclasses import dataclass
from functools import cache

from fake_jira.app import create_app
from fake_jira.control import Fake
from fake_jira.documented import Documented, Shape, by_route
from fake_jira.rest.unserved import served_routes
from fake_jira.worlds import Worlds

# Routes of other plugins than those that the two documents are about, by how their paths begin: where they are known
# from.
OTHER_MANUALS: dict[str, dict[str, str]] = {
    "cloud": {"/rest/webhooks/": "the administrator's webhooks [jira 5.13]"},
    "data-center": {
        "/rest/api/{}/issue/createmeta": "the old form, which versions before 9 have [jira 5.3]",
        "/rest/api/{}/group": "a group by itself, which versions before 10 have",
        "/rest/api/{}/version/{}": "deleting one without a word on its issues, likewise",
        "/rest/pat/": "personal access tokens [jira 4.6]",
        "/rest/oauth2/": "the OAuth 2.0 provider [jira 4.5]",
        "/rest/webhooks/": "webhooks before version 10 [jira 5.14]",
        "/rest/jira-webhook/": "webhooks since version 10 [jira 5.14]",
    },
}
# Operations that are served and never succeed, so that no drive can show a 2xx: why.
NOT_DRIVEN = {
    "searchForIssuesUsingJql": "the removed search of Cloud answers 410 [jira 2.5]",
    "getUserEmail": "for apps that Atlassian has approved; nobody who calls here is one",
    "getUserEmailBulk": "likewise",
    "searchForIssuesUsingJqlPost": "the removed search of Cloud answers 410 [jira 2.5]",
}


@dataclass(frozen=True)
class Served:
    """A route below /rest/. `operation` is its name in the journal; `documented` is None where no document has it."""

    method: str
    shape: Shape
    endpoint: str
    documented: Documented | None

    @property
    def operation(self) -> str:
        first, *others = self.endpoint.rpartition(".")[2].split("_")
        return first + "".join(other.capitalize() for other in others)

    @property
    def path(self) -> str:
        return f"/{'/'.join(self.shape)}"

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.endpoint})"


@cache
def served(flavour: str) -> tuple[Served, ...]:
    """The routes of a flavour's newest version, control API and pages left out."""
    known = by_route(flavour)
    return tuple(
        Served(method, shape, endpoint, known.get((method, shape)))
        for (method, shape), endpoint in served_routes(create_app(Fake(Worlds(flavour), flavour))).items()
        if shape[0] == "rest"
    )
