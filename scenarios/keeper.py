"""Another admin of the Jira, by whose hands things happen that a control API has no words for.

Works over Jira's own REST, with an account of its own, which is made when it is first needed: what the integration's
account may do, and whether its credential is good, does not matter here. Its requests count in no story.
"""

import re
from typing import Any
from urllib.parse import urlsplit

import requests

from scenarios.people import Page, Person
from scenarios.stage import JiraRefused, Stage

EMAIL, SECRET = "keeper@example.com", "keeper-of-this-jira"
QUESTION = re.compile(r"How much is (\d+) \+ (\d+)\?")
DOORS = frozenset(  # what a person asks for at a browser
    {"login", "loginPage", "authorize", "consent", "authorizationError", "authorizeClient", "decideOnClient", "decide"}
    | {"showLogin", "logIn"}
)


def is_by_people(entry: dict[str, Any]) -> bool:
    """Whether a request of the journal is the keeper's or a person's at a browser, and none of the service's."""
    return entry["user"] == EMAIL or entry["operation"] in DOORS


class Keeper:
    """Admin of one Jira."""

    def __init__(self, stage: Stage, *, is_cloud: bool) -> None:
        self._stage = stage
        self._is_cloud = is_cloud
        self._is_there = False
        self._levels: dict[str, str] = {}  # project -> the level of which only the keeper is a member
        self._backups: list[str] = []
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.auth = (EMAIL if is_cloud else EMAIL.partition("@")[0], SECRET)
        self._http.headers["X-Atlassian-Token"] = "no-check"

    def hide(self, key: str) -> None:
        """Gives the issue a security level that is for the keeper alone; there is one for everybody, too."""
        self._come()
        project = key.rpartition("-")[0]
        if project not in self._levels:
            self._stage.jira.security_level(project, "Everybody", {"type": "applicationRole"})
            keeper = {"type": "user", "parameter": self._account}
            self._levels[project] = self._stage.jira.security_level(project, "Keeper only", keeper)
        self._set_level(key, {"id": self._levels[project]})

    def show(self, key: str) -> None:
        """Takes the security level away."""
        self._set_level(key, None)

    def trash_project(self, key: str) -> None:
        self._ask("DELETE", f"project/{key}", enableUndo="true")

    def archive_project(self, key: str) -> None:
        self._ask("POST" if self._is_cloud else "PUT", f"project/{key}/archive")

    def delete_project(self, key: str) -> None:
        """For good; a backup of the whole Jira is made first."""
        self._come()
        backup = f"before-{key}-was-deleted"
        self._stage.jira.snapshot(backup)
        self._ask("DELETE", f"project/{key}")
        self._backups.append(backup)

    def restore_project(self, key: str) -> None:
        """Out of the trash or the archive, or by restoring the backup that was made before it was deleted."""
        backup = f"before-{key}-was-deleted"
        if backup in self._backups:
            self._stage.jira.restore(backup)
            self._backups.remove(backup)
        else:
            self._ask("POST" if self._is_cloud else "PUT", f"project/{key}/restore")

    def change_password(self, user: str, password: str) -> None:
        """Data Center: an admin gives the user another password."""
        self._ask("PUT", "user/password", {"password": password}, username=user)

    def want_captcha(self, user: str) -> None:
        """Data Center: somebody fails to log in as the user until Jira wants a CAPTCHA."""
        for _ in range(int(self._stage.jira.settings()["captcha_after"])):
            person = Person()
            person.fill_in(self._login_page(person), {"os_username": user, "os_password": "mistyped"})
            person.close()

    def answer_captcha(self, user: str, password: str) -> None:
        """Data Center: the user logs in at the page and answers what it asks. Raises JiraRefused if that fails."""
        person, known = Person(), {"os_username": user, "os_password": password}
        page = person.fill_in(self._login_page(person), known)
        question = QUESTION.search(page.text) if page else None
        if page and question:
            page = person.fill_in(page, {**known, "os_captcha": str(int(question[1]) + int(question[2]))})
        person.close()
        if page is None or page.alerts:
            raise JiraRefused(page.alerts[0] if page else "Jira shows no login page.")

    def close(self) -> None:
        self._http.close()

    def _login_page(self, person: Person) -> Page:
        return person.open(f"{self._stage.jira_url}/login.jsp")

    def _set_level(self, key: str, level: dict[str, str] | None) -> None:
        self._ask("PUT", f"issue/{key}", {"fields": {"security": level}})

    def _come(self) -> None:
        """Makes the keeper's account, once."""
        if not self._is_there:
            made = self._stage.jira.create_user(EMAIL, SECRET, name="Keeper", admin=True)
            self._account = str(made["account_id"]) if self._is_cloud else EMAIL.partition("@")[0]
            self._is_there = True

    def _ask(self, method: str, path: str, body: Any = None, **query: str) -> None:
        """One request to Jira's REST; JiraRefused with its sentence when it does not want to."""
        self._come()
        url = f"{self._stage.jira_url}/rest/api/2/{path}"
        answer = self._http.request(method, url, json=body, params=query, timeout=60)
        if not answer.ok:
            where = urlsplit(url).path.partition("/rest")[2]
            raise JiraRefused(f"Jira answered {answer.status_code} to {method} /rest{where}: {answer.text[:300]}")
