"""The control API from Python: a test's hands inside a fake Jira that runs somewhere.

Speaks HTTP and knows nothing of the fake's insides, so it works against any running one. Every refusal is a
FakeJiraError with the fake's own sentence.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import quote

import requests

TIMEOUT = 30.0  # seconds; the fake answers in milliseconds


class FakeJiraError(Exception):
    """The fake refused, or is not there; the message is its sentence. `status` is None when nobody answered."""

    def __init__(self, sentence: str, status: int | None = None, body: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.body = dict(body or {})


class FakeJiraClient:
    """`url` is the fake's site, its control port, or either with /_control. `world` None means the default one."""

    def __init__(self, url: str, world: str | None = None) -> None:
        self.url = url.rstrip("/").removesuffix("/_control")
        self._world = world
        self._http = requests.Session()
        self._http.trust_env = False  # the fake is never behind a proxy
        if world is not None:
            self._http.headers["X-Fake-Jira-World"] = world

    def about(self) -> dict[str, Any]:
        """version, flavour, url, control_url, worlds."""
        return self._ask("GET", "/")

    # Worlds

    def world(self, name: str) -> "FakeJiraClient":
        """The same fake, another world (which need not exist yet)."""
        return FakeJiraClient(self.url, name)

    def make(self, name: str, *, seed: int = 0, issues: int = 0) -> "FakeJiraClient":
        """A fresh world; gives a client for it."""
        self._ask("POST", "/worlds", {"name": name, "seed": seed, "issues": issues})
        return self.world(name)

    def fork(self, name: str) -> "FakeJiraClient":
        """A copy of this world under a new name; gives a client for it."""
        self._ask("POST", f"/worlds/{self._name}/fork", {"name": name})
        return self.world(name)

    def drop(self) -> None:
        """Forgets this world."""
        self._ask("DELETE", f"/worlds/{self._name}")

    def snapshot(self, name: str) -> None:
        """Remembers this world's state, settings and time."""
        self._ask("POST", f"/worlds/{self._name}/snapshot", {"name": name})

    def restore(self, name: str) -> None:
        """Back to a snapshot of this world."""
        self._ask("POST", f"/worlds/{self._name}/restore", {"name": name})

    def reset(self) -> None:
        """Back to this world as it was made."""
        self._ask("POST", "/reset")

    def seed(self, seed: int, issues: int) -> int:
        """Adds sample issues; how many the world has then."""
        return int(self._ask("POST", "/seed", {"seed": seed, "issues": issues})["issues"])

    # Clock

    def now(self) -> datetime:
        """The world's time, aware."""
        return datetime.fromisoformat(self._ask("GET", "/clock")["now"])

    def advance(self, by: float | str | timedelta) -> datetime:
        """Moves the clock on, by seconds or 30s, 5m, 8h, 1d; gives the new time."""
        amount = by.total_seconds() if isinstance(by, timedelta) else by
        return datetime.fromisoformat(self._ask("POST", "/clock", {"advance": amount})["now"])

    def move_to(self, instant: datetime) -> datetime:
        """Makes it `instant` (aware) now; the clock goes on running from there."""
        return datetime.fromisoformat(self._ask("POST", "/clock", {"to": instant.isoformat()})["now"])

    def real_time(self) -> datetime:
        """Takes the clock back to real time."""
        return datetime.fromisoformat(self._ask("POST", "/clock", {"reset": True})["now"])

    # Faults

    def fault(self, name: str, **fields: Any) -> str:
        """Arms a fault and gives its id. A field that is a Python keyword takes an underscore: `from_`."""
        given = {key.removesuffix("_"): _plain(value) for key, value in fields.items()}
        return str(self._ask("POST", "/faults", {"fault": name, **given})["id"])

    def faults(self) -> list[dict[str, Any]]:
        """The armed faults in order of arming: id, fault, hits, active, and the fields."""
        return list(self._ask("GET", "/faults")["faults"])

    def clear(self, id_or_name: str | None = None) -> None:
        """Clears one fault by id, all of a name, or all. Raises FakeJiraError if that one is not armed."""
        self._ask("DELETE", "/faults" if id_or_name is None else f"/faults/{quote(id_or_name, safe='')}")

    # Journal

    def journal(self, *, since_id: int = 0, limit: int | None = None, **wanted: Any) -> list[dict[str, Any]]:
        """Requests that the site saw, oldest first. `wanted`: operation, method, path, user, status, fault."""
        query = {key: value for key, value in {**wanted, "since_id": since_id, "limit": limit}.items() if value}
        return list(self._ask("GET", "/journal", query=query)["entries"])

    def deliveries(self) -> list[dict[str, Any]]:
        """What webhooks were told, oldest first: id, url, event, state, tries, status, due."""
        return list(self._ask("GET", "/webhooks/deliveries")["deliveries"])

    def clear_journal(self) -> None:
        self._ask("DELETE", "/journal")

    def expect(self, *, times: int | None = None, since_id: int = 0, **wanted: Any) -> int:
        """How many requests matched. Raises FakeJiraError, naming the nearest, unless exactly `times` (or any) did."""
        body = {**wanted, "since_id": since_id, **({} if times is None else {"times": times})}
        return int(self._ask("POST", "/journal/expect", body)["matched"])

    # Settings

    def settings(self, **changes: Any) -> dict[str, Any]:
        """The switches of the world, after these changes."""
        return self._ask("PATCH", "/settings", changes) if changes else self._ask("GET", "/settings")

    # Issues, projects, users

    def issue(self, project: str, **properties: Any) -> dict[str, Any]:
        """Makes an issue. `properties`: summary, type, status, key, created (a text or an aware datetime)."""
        given = {key: _plain(value) for key, value in properties.items()}
        return self._ask("POST", "/issues", {"project": project, **given})

    def create_issues(self, issues: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Makes many, all or none; each as for `issue`, with its project."""
        plain = [{key: _plain(value) for key, value in each.items()} for each in issues]
        return list(self._ask("POST", "/issues", {"issues": plain})["issues"])

    def issues(self, project: str | None = None) -> list[dict[str, Any]]:
        """All issues, deleted ones too."""
        found: list[dict[str, Any]] = []
        while True:
            query = {"start": len(found), **({"project": project} if project else {})}
            page = self._ask("GET", "/issues", query=query)
            found += page["issues"]
            if len(found) >= page["total"] or not page["issues"]:
                return found

    def transition(self, issue: str, to: str) -> dict[str, Any]:
        """Takes the issue (id or key) to a status."""
        return self._ask("POST", f"/issues/{quote(issue, safe='')}/transition", {"to": to})

    def move(self, issue: str, project: str) -> str:
        """Moves the issue to another project; gives its new key."""
        return str(self._ask("POST", f"/issues/{quote(issue, safe='')}/move", {"project": project})["key"])

    def delete(self, issue: str) -> None:
        self._ask("DELETE", f"/issues/{quote(issue, safe='')}")

    def restore_issue(self, issue: str) -> dict[str, Any]:
        """Brings a deleted issue back."""
        return self._ask("POST", f"/issues/{quote(issue, safe='')}/restore")

    def projects(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "/projects")["projects"])

    def create_project(self, key: str, name: str, *, workflow: str = "simplified") -> dict[str, Any]:
        """`workflow`: "simplified" lets everything go everywhere, "classic" restricts and asks for a resolution."""
        return self._ask("POST", "/projects", {"key": key, "name": name, "workflow": workflow})

    def create_user(self, email: str, token: str, *, name: str | None = None, admin: bool = False) -> dict[str, Any]:
        """A user with one API token, at work in every project."""
        return self._ask("POST", "/users", {"email": email, "name": name or email, "token": token, "admin": admin})

    def permit(self, user: str, project: str, permission: str, *, held: bool | None = None) -> bool:
        """Gives a permission (`held` True), takes it (False), or lets the schemes decide (None); whether it is held."""
        named = {"user": user, "project": project, "permission": permission, "held": held}
        return bool(self._ask("PUT", "/permissions", named)["held"])

    def security_level(self, project: str, name: str, *members: Mapping[str, str], default: bool = False) -> str:
        """A new security level of the project; its id. `members`: {"type": "group", "parameter": NAME}, ..."""
        named = {"project": project, "name": name, "members": list(members), "default": default}
        return str(self._ask("POST", "/security-levels", named)["level"])

    # Jira Cloud's apps and tokens

    def app(self, name: str, **properties: Any) -> dict[str, Any]:
        """Makes an app. `properties`: scopes, callbacks, distributed, owner, client_id, client_secret."""
        return self._ask("POST", "/apps", {"name": name, **properties})

    def apps(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "/apps")["apps"])

    def change_app(self, app: str, **changes: Any) -> dict[str, Any]:
        """Sets name, scopes, callbacks or distributed of an app (client id or name); what was granted stays."""
        return self._ask("PATCH", f"/apps/{quote(app, safe='')}", changes)

    def delete_app(self, app: str) -> None:
        self._ask("DELETE", f"/apps/{quote(app, safe='')}")

    def uninstall_app(self, app: str) -> None:
        """What an admin of the site does: all grants of the app for this site go."""
        self._ask("POST", f"/apps/{quote(app, safe='')}/uninstall")

    def grant(self, app: str, **properties: Any) -> dict[str, Any]:
        """Consents without a browser; id, access_token, refresh_token... `properties`: user, scopes, sites (worlds)."""
        return self._ask("POST", "/grants", {"app": app, **properties})

    def grants(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "/grants")["grants"])

    def remove_grant(self, grant_id: str) -> None:
        """What the user does with 'Remove' on the page of connected apps."""
        self._ask("DELETE", f"/grants/{quote(grant_id, safe='')}")

    def api_token(self, user: str, **properties: Any) -> dict[str, Any]:
        """Makes an API token. `properties`: token (else drawn), label, expires (within a year), scopes."""
        given = {key: _plain(value) for key, value in properties.items()}
        return self._ask("POST", "/tokens", {"user": user, **given})

    def tokens(self) -> list[dict[str, Any]]:
        """API, access and refresh tokens."""
        return list(self._ask("GET", "/tokens")["tokens"])

    def expire_token(self, token: str, expires: datetime) -> dict[str, Any]:
        """Lets an API or access token (by id or by itself) end at another time."""
        return self._ask("PATCH", f"/tokens/{quote(token, safe='')}", {"expires": expires.isoformat()})

    def revoke_token(self, token: str) -> None:
        """Revokes any token, by id or by itself."""
        self._ask("DELETE", f"/tokens/{quote(token, safe='')}")

    def add_site(self, world: str, name: str | None = None) -> dict[str, Any]:
        """Makes another world a further site of the people here."""
        return self._ask("POST", "/sites", {"world": world, **({"name": name} if name else {})})

    def sites(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "/sites")["sites"])

    def remove_site(self, world: str) -> None:
        self._ask("DELETE", f"/sites/{quote(world, safe='')}")

    def change_password(self, user: str, password: str) -> None:
        """A new password; refresh tokens and logins of that user die."""
        self._ask("POST", f"/users/{quote(user, safe='')}/password", {"password": password})

    # Data Center's application links and personal access tokens

    def application_link(self, **properties: Any) -> dict[str, Any]:
        """Makes one: with consumer_key and public_key (name, callback), or with name and redirect_uris.

        The latter also takes scope, client_id and client_secret.
        """
        return self._ask("POST", "/application-links", properties)

    def application_links(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "/application-links")["links"])

    def grant_application_link(self, link: str, user: str, scope: str | None = None) -> dict[str, Any]:
        """What the application (consumer key or client id) gets when the user says yes: tokens, without a browser."""
        body = {"user": user, **({} if scope is None else {"scope": scope})}
        return self._ask("POST", f"/application-links/{quote(link, safe='')}/grant", body)

    def remove_application_link(self, link: str) -> None:
        self._ask("DELETE", f"/application-links/{quote(link, safe='')}")

    def personal_token(self, user: str, name: str = "Made by a test", days: int | None = None) -> dict[str, Any]:
        """Makes a personal access token; `days` None = good for ever."""
        return self._ask("POST", "/personal-tokens", {"user": user, "name": name, "days": days})

    def personal_tokens(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "/personal-tokens")["tokens"])

    def revoke_personal_token(self, token_id: int) -> None:
        self._ask("DELETE", f"/personal-tokens/{token_id}")

    # The wire

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _name(self) -> str:
        return quote(self._world or "default", safe="")

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        try:
            answer = self._http.request(
                method, f"{self.url}/_control{path}", json=body, params=query, timeout=TIMEOUT, allow_redirects=False
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            raise FakeJiraError(f"No fake Jira answers at {self.url}; start one with: fake-jira serve.") from error
        except requests.RequestException as error:
            raise FakeJiraError(f"{self.url} is not an address of a fake Jira: {error}.") from error
        if answer.status_code == 204:
            return {}
        try:
            told = answer.json()
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise FakeJiraError(f"{self.url} answers, but not as a fake Jira's control API does.", answer.status_code)
        if not answer.ok:
            raise FakeJiraError(str(told.get("error", answer.reason)), answer.status_code, told)
        return told


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
