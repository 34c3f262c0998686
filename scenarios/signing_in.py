"""How the integration of a story signs in: made as a person would make it, mended, and spoilt in Jira.

One class for each way: a password, a token, a consent. Only here is known which secret Jira accepts at the moment;
steps speak of the credential, whatever it is. Asks only over the two URLs, at times as a person at a browser.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from scenarios.keeper import Keeper
from scenarios.loading import BASIC, CLOUD, OAUTH1, OAUTH2, PAT, Given
from scenarios.people import Page, Person
from scenarios.stage import API, Answer, Stage, StageBroken

INTEGRATION = "jira-connection-1"  # the name in the samples of [status-check]
INTEGRATIONS = "/ticketing/jira-integrations"
USER, TOKEN = "admin@example.com", "admin-token"  # the fake's first user at Cloud
NAME, PASSWORD = "admin", "admin"  # and at Data Center
APP, CONSUMER = "Ticket status", "ticket-status"
CALLBACK = f"{API}/ticketing/oauth/callback"
CLASSIC = (  # [xray.md 5] the scopes before ticket status
    *("read:issue-type:jira", "read:issue-type.property:jira", "read:issue-type-hierarchy:jira", "read:project:jira"),
    *("read:project.property:jira", "read:project-category:jira", "read:project-version:jira"),
    *("read:project.component:jira", "read:project-role:jira", "read:user:jira", "read:application-role:jira"),
    *("read:avatar:jira", "read:group:jira", "read:field:jira", "read:field-configuration:jira"),
    *("read:issue-meta:jira", "read:issue:jira", "read:label:jira", "read:issue-security-level:jira"),
    *("read:issue.vote:jira", "read:issue.changelog:jira", "read:status:jira", "read:comment:jira"),
    *("read:comment.property:jira", "write:issue:jira", "write:comment:jira", "write:comment.property:jira"),
    "write:attachment:jira",
)
FOR_STATUS = ("read:issue-details:jira", "read:field.default-value:jira", "read:field.option:jira")
WITH_STATUS = (3, 112, 3)  # the version that asks for them
WITH_REST = (3, 129, 0)  # the version that has integrations by REST
WRONG = "not-what-jira-knows"
PUBLIC_KEY = re.compile("-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)


class SignIn(ABC):
    """One way to sign in. `user` is who the integration is in Jira."""

    def __init__(self, stage: Stage, keeper: Keeper, given: Given) -> None:
        self.stage = stage
        self.keeper = keeper
        self.jira = stage.jira
        self.is_cloud = given.jira == CLOUD
        self.user = USER if self.is_cloud else NAME
        self.given = given

    @abstractmethod
    def set_up(self) -> Answer:
        """Makes the integration."""

    @abstractmethod
    def edit(self, *, wrong_secret: bool = False, deny: bool = False) -> Answer:
        """Edit Integration: enters what Jira accepts now, and consents where that is asked."""

    @abstractmethod
    def revoke(self) -> None:
        """What it signs in with is good no more."""

    def rotate(self) -> None:
        """The same, where there is no other secret than that one."""
        self.revoke()

    @property
    def has_rest(self) -> bool:
        """Whether the version of the service has integrations by REST; before that there is only the wizard."""
        return as_numbers(self.stage.product_version) >= WITH_REST

    def by_wizard(self, given: Mapping[str, Any]) -> Answer:
        """A person makes the integration at the wizard, from the choice of the type to the consent if there is one."""
        with closing(self.person()) as person:
            page = person.open(f"{self.stage.service_url}/administration/new-integration")
            page = person.fill_in(page, {"type": f"{given['installation_type']}-{given['auth_type']}"}) or page
            self.look_at(page)
            known = {name: "true" if value is True else value for name, value in given.items()}
            return told(person.go_through(page, {**known, **self.answers()}))

    def look_at(self, page: Page) -> None:  # noqa: B027 - most have nothing to look for
        """What the wizard shows before anything is entered."""

    def answers(self, *, deny: bool = False) -> dict[str, str]:  # noqa: ARG002 - where nobody is asked
        """What the person says to Jira when she is asked to consent."""
        return {}

    def person(self) -> Person:
        """Somebody who has logged in to the service; to be closed."""
        person = Person()
        page = person.open(f"{self.stage.service_url}/login")
        person.fill_in(page, {"name": "admin", "token": self.stage.token})
        return person

    def connection(self) -> dict[str, Any]:
        """What an admin says about every integration."""
        return {
            "connection_name": INTEGRATION,
            "installation_type": "cloud" if self.is_cloud else "server",
            "auth_type": self.given.authentication,
            "jira_server_url": self.stage.jira_url,
            "skip_proxy": True,
        }


class ByPassword(SignIn):
    """Basic at either Jira, and a personal access token: one `secret`, entered by REST."""

    def __init__(self, stage: Stage, keeper: Keeper, given: Given) -> None:
        super().__init__(stage, keeper, given)
        self.secret = TOKEN if self.is_cloud else PASSWORD
        if given.authentication == PAT or (self.is_cloud and given.token_days):
            self.secret = self._new_token()

    def set_up(self) -> Answer:
        given = self._connection(self.secret)
        return self.stage.call("POST", INTEGRATIONS, given) if self.has_rest else self.by_wizard(given)

    def edit(self, *, wrong_secret: bool = False, deny: bool = False) -> Answer:  # noqa: ARG002 - nobody is asked
        if self._has_ended():
            self.secret = self._new_token()
        given = self._connection(WRONG if wrong_secret else self.secret)
        return self.stage.call("PUT", f"{INTEGRATIONS}/{INTEGRATION}", given)

    def revoke(self) -> None:
        if self.is_cloud:
            self.jira.revoke_token(self.secret)
        elif self.given.authentication == PAT:
            self.jira.revoke_personal_token(self._token_id)
        else:
            self.secret = f"{self.secret}-changed"
            self.keeper.change_password(self.user, self.secret)

    def _connection(self, secret: str) -> dict[str, Any]:
        who = {} if self.given.authentication == PAT else {"username": self.user}
        return {**self.connection(), **who, "password": secret}

    def _has_ended(self) -> bool:
        if self.is_cloud:
            return not any(each["token"] == self.secret and each["good"] for each in self.jira.tokens())
        return self.given.authentication == PAT and not self._is_good()

    def _is_good(self) -> bool:
        ends = [each["expires"] for each in self.jira.personal_tokens() if each["id"] == self._token_id]
        return any(end is None or datetime.fromisoformat(end) > self.stage.clock.now() for end in ends)

    def _new_token(self) -> str:
        days = self.given.token_days
        if self.is_cloud:
            made = self.jira.api_token(
                self.user, **({"expires": self.stage.clock.now() + timedelta(days=days)} if days else {})
            )
        else:
            made = self.jira.personal_token(self.user, days=days)
            self._token_id = int(made["id"])
        return str(made["token"])


class ByConsent(SignIn):
    """OAuth: an app that Jira knows, and a person who agrees."""

    def set_up(self) -> Answer:
        self.register()
        given = {**self.connection(), **self.client()}
        if self.has_no_site():
            del given["jira_server_url"]
        return self._consent(INTEGRATIONS, given, deny=False) if self.has_rest else self.by_wizard(given)

    def edit(self, *, wrong_secret: bool = False, deny: bool = False) -> Answer:
        return self._consent(f"{INTEGRATIONS}/{INTEGRATION}", self.secret(wrong=wrong_secret), deny=deny)

    @abstractmethod
    def register(self) -> None:
        """Makes Jira know the app."""

    @abstractmethod
    def client(self) -> dict[str, str]:
        """What the wizard is told about the app."""

    @abstractmethod
    def secret(self, *, wrong: bool) -> dict[str, str]:
        """What Edit Integration asks for."""

    def has_no_site(self) -> bool:
        """Whether the grant, and not the admin, tells where the Jira is."""
        return False

    def _consent(self, route: str, given: dict[str, Any], *, deny: bool) -> Answer:
        """The service says where to send the browser; the person logs in there and decides; what she comes back to."""
        begun = self.stage.call("POST", f"{route}/authorize", given)
        if begun.code != 200:
            return begun
        with closing(self.person()) as person:
            page = person.open(begun.body["authorization_url"])
            return told(person.go_through(page, self.answers(deny=deny)))

    def answers(self, *, deny: bool = False) -> dict[str, str]:
        if self.is_cloud:
            return {"email": USER, "password": TOKEN, "decision": "cancel" if deny else "accept"}
        answer = {"deny": "Deny"} if deny else {"approve": "Allow"}
        return {"os_username": NAME, "os_password": PASSWORD, **answer}


class CloudApp(ByConsent):
    """OAuth 2.0 (3LO) at Jira Cloud: an app of the developer console."""

    def register(self) -> None:
        scopes = CLASSIC + (FOR_STATUS if as_numbers(self.stage.product_version) >= WITH_STATUS else ())
        self._app = self.jira.app(APP, scopes=list(scopes), callbacks=[self.stage.service_url + CALLBACK])

    def client(self) -> dict[str, str]:
        return {"client_id": self._app["client_id"], "client_secret": self._app["client_secret"]}

    def secret(self, *, wrong: bool) -> dict[str, str]:
        return {"client_secret": WRONG if wrong else self._app["client_secret"]}

    def has_no_site(self) -> bool:
        return True

    def revoke(self) -> None:
        for grant in self.jira.grants():
            self.jira.remove_grant(grant["id"])

    def rotate(self) -> None:
        """The developer console makes another secret; grants live on, and cannot be refreshed with the old one."""
        kept = {name: self._app[name] for name in ("client_id", "scopes", "callbacks")}
        self.jira.delete_app(self._app["client_id"])
        self._app = self.jira.app(APP, **kept)

    def change_scopes(self, add: list[str], remove: list[str]) -> None:
        """What the developer console is told; it counts from the next consent on."""
        scopes = [scope for scope in (*self._app["scopes"], *add) if scope not in remove]
        self._app = self.jira.change_app(self._app["client_id"], scopes=scopes)

    def lose_site(self) -> None:
        """An admin of the site removes the app, while the person's grant goes on for another site of hers."""
        world = self.stage.another_world()
        self.jira.add_site(world, "other-site")
        self.jira.grant(self._app["client_id"], sites=[world])
        self.jira.uninstall_app(self._app["client_id"])


class DataCenterClient(ByConsent):
    """OAuth 2.0 at Data Center: an incoming application link."""

    def register(self) -> None:
        self._link = self.jira.application_link(name=APP, redirect_uris=[self.stage.service_url + CALLBACK])

    def client(self) -> dict[str, str]:
        return {"client_id": self._link["client_id"], "client_secret": self._link["client_secret"]}

    def secret(self, *, wrong: bool) -> dict[str, str]:
        return {"client_secret": WRONG if wrong else self._link["client_secret"]}

    def revoke(self) -> None:
        self._again(client_secret=self._link["client_secret"])

    def rotate(self) -> None:
        self._again()

    def _again(self, **secret: str) -> None:
        """The link is removed with all that was granted to it, and made again under the same client id."""
        self.jira.remove_application_link(self._link["client_id"])
        kept = {name: self._link[name] for name in ("name", "redirect_uris", "client_id")}
        self._link = self.jira.application_link(**kept, **secret)


class DataCenterConsumer(ByConsent):
    """OAuth 1.0a at Data Center: an application link that holds the public key of the service."""

    def register(self) -> None:
        self._private_key, self._public_key = key_pair("first")
        if self.has_rest:
            self._link()

    def look_at(self, page: Page) -> None:
        """The wizard has made a key pair of its own."""
        found = PUBLIC_KEY.search(page.text)
        if found is None:
            raise StageBroken("the wizard shows no public key for the application link")
        self._public_key = found[0]
        self._link()

    def client(self) -> dict[str, str]:
        return {"consumer_key": CONSUMER, **(self.secret(wrong=False) if self.has_rest else {})}

    def secret(self, *, wrong: bool) -> dict[str, str]:
        return {"private_key": key_pair("wrong")[0] if wrong else self._private_key}

    def revoke(self) -> None:
        self.jira.remove_application_link(CONSUMER)
        self._link()

    def rotate(self) -> None:
        """Another public key in the link; the private one that belongs to it is with the admin."""
        self._private_key, self._public_key = key_pair("second")
        self.revoke()

    def _link(self) -> None:
        self.jira.application_link(consumer_key=CONSUMER, public_key=self._public_key, name=APP)


WAYS: dict[tuple[bool, str], type[SignIn]] = {
    (True, BASIC): ByPassword,
    (True, OAUTH2): CloudApp,
    (False, BASIC): ByPassword,
    (False, PAT): ByPassword,
    (False, OAUTH1): DataCenterConsumer,
    (False, OAUTH2): DataCenterClient,
}


def sign_in(stage: Stage, keeper: Keeper, given: Given) -> SignIn:
    """The way that the story says."""
    return WAYS[(given.jira == CLOUD, given.authentication)](stage, keeper, given)


def as_numbers(version: str) -> tuple[int, ...]:
    """3.112.3 -> (3, 112, 3)"""
    return tuple(map(int, version.split(".")))


def told(page: Page) -> Answer:
    """What a page says that a person has come back to: its code, and the sentence that it raises its voice for."""
    return Answer(page.code, {"error": page.alerts[0]} if page.alerts else page.text)


@cache
def key_pair(name: str) -> tuple[str, str]:  # noqa: ARG001 - of one name there is one
    """Private and public key, PEM. Stories share them, for making one takes long."""
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
