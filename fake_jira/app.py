"""The one place where the parts meet: which world, who is calling, faults, the route, its headers, the journal.

Routes stay as plain as the page of Jira's manual that they imitate, because all this wraps them. Sockets are the
server's business.
"""

from collections.abc import Iterator
from functools import cache
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Request, Response, current_app, g, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.http import http_date

from fake_jira import control, doors
from fake_jira.auth import gateway
from fake_jira.auth.basic import secret_of
from fake_jira.auth.caller import ANONYMOUS, GATEWAY_SITE, Caller
from fake_jira.control.fake import Fake, chosen_world, fake
from fake_jira.errors import GatewayRefusal, JiraError, NotThere
from fake_jira.faults import Armed, Asked, Hit
from fake_jira.faults.base import RequestFault
from fake_jira.flavours import Flavour, flavour_named
from fake_jira.journal import without_secrets
from fake_jira.lane import LANE, Kept
from fake_jira.pages import pages
from fake_jira.prefixes import CONTROL
from fake_jira.rest import register
from fake_jira.worlds import DEFAULT, World, Worlds

CHUNKED = "wsgi.input_terminated"
FORM = "application/x-www-form-urlencoded"


class ReadArgs(ImmutableMultiDict[str, str]):
    """Query parameters that remember which of them were looked at."""

    def __init__(self, mapping: Any = None) -> None:
        super().__init__(mapping)
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self.read.update(self.keys())
        return super().__iter__()

    def getlist(self, key: Any, type: Any = None) -> list[Any]:
        self.read.add(key)
        return super().getlist(key, type)


class ReadBody(dict[str, Any]):
    """A JSON body that remembers which of its top-level properties were looked at."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(body)
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self.read.update(super().keys())
        return super().__iter__()

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)

    def items(self) -> Any:
        self.read.update(super().keys())
        return super().items()


class JiraRequest(Request):
    """A request that knows what of it nobody has read."""

    parameter_storage_class = ReadArgs
    body: ReadBody | None = None

    _host = ""

    @property
    def host(self) -> str:
        """The host that links lead to, with underscores too: containers have such names. `Prefixes` has checked it."""
        return self._host or self.headers.get("Host", "")

    @host.setter
    def host(self, found: str) -> None:
        """Flask's own finding: empty for a name that the old rules of the net do not allow."""
        self._host = found

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Flask's, by orjson; objects remember what is read of them."""
        read = super().get_json(force, silent, cache)
        if isinstance(read, dict) and self.body is None:
            self.body = ReadBody(read)
        return read if self.body is None else self.body

    def unread(self) -> tuple[str, ...]:
        """The query parameters (`?name`) and body properties (`name`) that no route has looked at."""
        names: list[str] = []
        if self.query_string:
            args = self.args
            names += [f"?{name}" for name in dict.keys(args) if name not in args.read]  # type: ignore[attr-defined]
        if self.body is not None:
            names += [name for name in dict.keys(self.body) if name not in self.body.read]
        return tuple(names)


def create_app(state: Fake) -> Flask:
    """The site of `state` with its control API. Needs no server; wire faults do (they answer 500 without one)."""
    app = Flask("fake_jira")
    app.request_class = JiraRequest
    flavour = flavour_named(state.flavour, state.server_version)
    app.extensions["fake_jira.flavour"] = flavour
    app.extensions["fake_jira.worlds"] = state.worlds
    doors.hang(app, flavour)
    register(app, flavour)
    app.register_blueprint(pages)
    state.operations = frozenset(operation for rule in app.url_map.iter_rules() if (operation := _name(rule.endpoint)))
    app.before_request(_begin)
    app.after_request(_end)
    control.install(app, state)
    return app


def _begin() -> Response | None:
    """World, caller, faults before the work. A bad credential is told only after faults: those sit in front of Jira."""
    if request.path.startswith(CONTROL):
        return None
    g.started = perf_counter()
    g.flavour = flavour = _flavour()
    worlds = fake().worlds
    try:
        g.world = _world(worlds)
    except NotThere as error:
        return Response(f"{error}\n", 404, content_type="text/plain;charset=UTF-8")
    g.caller, refusal = ANONYMOUS, None
    try:
        g.caller = flavour.authenticate(g.world, request)
    except JiraError as error:
        refusal = error
    if g.world.faults:
        g.armed = g.world.faults.hit(_asked, g.world.now())
        if g.armed is not None and not g.armed.fault.takes_the_answer():
            return _answer_of(g.armed)
    screened = None if isinstance(refusal, GatewayRefusal) else flavour.screen(request)
    if screened is not None:
        return screened
    if refusal is not None:
        raise refusal
    return flavour.admit(g.world, g.caller, request) or (_limited() if g.world.settings.rate_limits else None)


def _limited() -> Response | None:
    """The 429 where a rate limit is used up."""
    asked = _asked()
    if asked.operation is None:
        return None
    limits = _flavour().limits
    g.allowances = limits.allowances(g.world, g.caller, asked.operation, asked.method, asked.issue)
    spent = next((each for each in g.allowances if each.spent), None)
    return None if spent is None else limits.refusal(g.world, request, spent)


def _told_of_limits(response: Response) -> None:
    """Headers of the limits, and what the answer has cost."""
    limits, operation = _flavour().limits, _name(request.endpoint)
    if response.status_code != 429:
        limits.charge(g.world, g.caller, operation or "", request.method, response)
    for name, value in limits.headers(g.world, g.caller, g.allowances).items():
        response.headers.setdefault(name, value)


def _end(response: Response) -> Response:
    """Faults after the work, headers, journal."""
    if "world" not in g or "started" not in g:
        return response
    armed: Armed | None = g.get("armed")
    if armed is not None and isinstance(armed.fault, RequestFault) and armed.fault.takes_the_answer():
        response = _answer_of(armed)
    for name, value in g.caller.sends if armed is None else ():
        response.headers.add(name, value)
    if armed is None and "allowances" in g:
        _told_of_limits(response)
    own_headers = tuple(response.headers.items())
    if armed is None:
        for name, value in _flavour().headers(g.world, g.caller).items():
            response.headers.setdefault(name, value)  # a page brings a policy of its own
    response.headers["Date"] = http_date(g.world.now())
    if armed is None or not armed.fault.is_silent:
        _note(response.status_code)
    if armed is None and response.status_code == 200 and "footing" in g and LANE in request.environ:
        _keep(response, own_headers)
    return response


def _keep(response: Response, own_headers: tuple[tuple[str, str], ...]) -> None:
    """Leaves the answer to the express lane, if nothing but records decided who was answered."""
    caller: Caller = g.caller
    world: World = g.world
    if "allowances" in g or not caller.rests_on or chosen_world(fake().worlds, request.environ) is not world:
        return
    lane, key = request.environ[LANE]
    lane.keep(
        key,
        Kept(
            world=world,
            caller=caller,
            footing=g.footing,
            body=response.get_data(),
            own_headers=own_headers,
            noted=_entry(),
        ),
    )


def _flavour() -> Flavour:
    chosen: Flavour = current_app.extensions["fake_jira.flavour"]
    return chosen


def _answer_of(armed: Armed) -> Response:
    """The fault's answer. A silent one is noted first: it may last as long as the client's patience."""
    fault = armed.fault
    if not isinstance(fault, RequestFault):
        raise TypeError(fault.name)
    if fault.is_silent:
        request.get_data()
        _note(None)
    return fault.answer(Hit(g.world, request, g.world.now(), armed.cleared))


def _note(status: int | None) -> None:
    asked: JiraRequest = request  # type: ignore[assignment]
    entry = _entry() | {"unread": asked.unread() if status is not None and status < 400 else ()}
    duration = round((perf_counter() - g.started) * 1000, 3)
    g.world.journal.append(at=g.world.now(), status=status, duration_ms=duration, **entry)


def _entry() -> dict[str, Any]:
    """What the journal notes of this request, but for when it came and what came of it."""
    armed: Armed | None = g.get("armed")
    user = g.caller.user
    asked: JiraRequest = request  # type: ignore[assignment]
    return {
        "method": asked.method,
        "path": asked.path,
        "operation": _name(asked.endpoint),
        "query": without_secrets(asked.path, asked.query_string).decode("latin-1"),
        "body": _kept_body(asked) if asked.content_length or asked.environ.get(CHUNKED) else b"",
        "user": user and user.email,
        "world": g.world.name,
        "fault": (armed.fault.name, armed.id) if armed else None,
        "unread": asked.unread(),
    }


def _kept_body(asked: Request) -> bytes:
    """What the journal keeps of the body. A form that a route has read is put together again."""
    body = asked.get_data()
    if not body and asked.mimetype == FORM:
        body = urlencode(list(asked.form.items(multi=True))).encode()
    return without_secrets(asked.path, body)


def _world(worlds: Worlds) -> World:
    """By header, by URL prefix, or by a token that only one other world knows."""
    world = chosen_world(worlds, request.environ)
    if GATEWAY_SITE in request.environ:
        return gateway.destination(worlds, world, request)
    if world.name == DEFAULT and len(worlds.names()) > 1 and "HTTP_X_FAKE_JIRA_WORLD" not in request.environ:
        secret = secret_of(request.headers.get("Authorization"))
        if secret is not None and secret not in world.state.tokens:
            return worlds.by_token(secret) or world
    return world


def _asked() -> Asked:
    """What selectors look at, found only when a fault is armed."""
    world: World = g.world
    issue = project = None
    for name, value in (request.view_args or {}).items():
        if "issue" in name.lower():
            found = world.state.issue(str(value))
            if found is not None:
                issue, project = found.id, found.project_id
        elif "project" in name.lower():
            named = world.state.project(str(value))
            project = named.id if named else None
    user = g.caller.user
    return Asked(_name(request.endpoint), request.method, request.path, user and user.account_id, issue, project)


@cache
def _name(endpoint: str | None) -> str | None:
    """The operation, as Atlassian's document has it: `issues.get_issue` is getIssue."""
    if endpoint is None or endpoint.startswith("control.") or endpoint == "static":
        return None
    first, *others = endpoint.rpartition(".")[2].split("_")
    return first + "".join(other.capitalize() for other in others)
