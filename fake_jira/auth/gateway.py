"""Who calls at Atlassian's gateway, /ex/jira/{cloudId}/..., and whether the token's scopes cover the operation.

Access tokens of apps, and API tokens by Basic; nobody is anonymous here [jira 2.2, 2.4]. The cloud id names the world;
a token may live in another one, where its user has granted several sites.
"""

from flask import Request

from fake_jira.auth.basic import pair_of
from fake_jira.auth.caller import GATEWAY_SITE, Caller
from fake_jira.auth.scopes import covers, operation_of
from fake_jira.errors import DeadToken, HeaderTooLarge, NoSuchSite, NotThere, ScopeMismatch
from fake_jira.model.app_records import Grant
from fake_jira.model.app_tokens import grant_behind
from fake_jira.model.apps import HERE
from fake_jira.model.state import CLOUD
from fake_jira.worlds import DEFAULT, PREFIX_WORLD, World, Worlds

PATH = "/ex/jira/"
HOME = "fake_jira.gateway.home"  # where the WSGI environment keeps the world that knows the access token
MOST_SCOPES = 80  # that fit into a header [jira 2.4]
_BEARER = "Bearer "


def destination(worlds: Worlds, chosen: World, request: Request) -> World:
    """The world that the cloud id names, or `chosen` if none has it (and then authentication says so)."""
    if worlds.flavour != CLOUD:
        raise NotThere("Atlassian's gateway leads to Jira Cloud alone.")
    world = worlds.by_cloud_id(request.environ[GATEWAY_SITE]) or chosen
    secret = bearer_of(request)
    request.environ[HOME] = home_of(worlds, secret, world, chosen) if secret else None
    return world


def home_of(worlds: Worlds, secret: str, *first: World) -> World | None:
    """The world whose records know this access token; `first` are looked at before the others."""
    return next((world for world in (*first, *worlds) if secret in world.state.access_tokens), None)


def bearer_of(request: Request) -> str | None:
    """The token of an Authorization header, if it is one."""
    header = request.headers.get("Authorization", "")
    return header.removeprefix(_BEARER) if header.startswith(_BEARER) else None


def authenticate(world: World, request: Request) -> Caller:
    """Who calls. A GatewayRefusal for whoever has no business here."""
    if "Authorization" not in request.headers:
        raise DeadToken
    secret = bearer_of(request)
    who = _by_api_token(world, request) if secret is None else _by_access_token(world, request, secret)
    if not request.path.startswith("/rest/"):
        raise NoSuchSite
    return who


def admit(who: Caller, request: Request) -> None:
    """ScopeMismatch unless the token's scopes cover the operation. A route that Jira does not have is 404 to all."""
    if who.scopes is None or request.url_rule is None or request.method == "OPTIONS":
        return
    needed = operation_of(request.method, request.url_rule.rule)
    if needed is None or not covers(who.scopes, needed):
        raise ScopeMismatch


def site_url(world: World, request: Request) -> str:
    """The address of a world's site, at whatever door the request came in."""
    root, environ = request.root_url.rstrip("/"), request.environ
    if GATEWAY_SITE in environ:
        root = root.removesuffix(f"{PATH}{environ[GATEWAY_SITE]}")
    if PREFIX_WORLD in environ:
        root = root.removesuffix(f"/worlds/{environ[PREFIX_WORLD]}")
    return root if world.name == DEFAULT else f"{root}/worlds/{world.name}"


def knows(home: World, account_id: str, world: World) -> bool:
    """Whether a person of `home` has an account on the site that `world` is: `home` itself, or a further site of it."""
    user = world.state.users.get(account_id)
    return user is not None and user.active and (home is world or world.name in home.state.further_sites)


def reaches(home: World, grant: Grant, world: World) -> bool:
    """Whether a grant that `home` keeps is for the site that `world` is."""
    return (HERE if home is world else world.name) in grant.sites and knows(home, grant.account_id, world)


def _by_access_token(world: World, request: Request, secret: str) -> Caller:
    home: World | None = request.environ[HOME]
    token = home.state.access_tokens.get(secret) if home is not None else None
    grant = grant_behind(home.state, token) if home is not None and token is not None else None
    if home is None or token is None or grant is None or home.now() >= token.expires_at:
        raise DeadToken(world.settings.gateway_dead_token)
    if len(token.scopes) > MOST_SCOPES:
        raise HeaderTooLarge
    if world.cloud_id != request.environ[GATEWAY_SITE] or not reaches(home, grant, world):
        raise NoSuchSite
    user, state = world.state.users[token.account_id], world.state
    rests_on = (
        (state.access_tokens, secret, token),
        (state.app_grants, grant.id, grant),
        (state.users, user.account_id, user),
    )
    return Caller(
        user,
        app=token.client_id,
        scopes=token.scopes,
        rests_on=rests_on if home is world else (),  # with records of another world, ask again each time
        good_until=token.expires_at,
    )


def _by_api_token(world: World, request: Request) -> Caller:
    email, secret = pair_of(request.headers["Authorization"]) or ("", "")
    token = world.state.tokens.get(secret)
    user = world.state.users.get(token.account_id) if token else None
    if token is None or user is None or not user.active or user.email.lower() != email.lower():
        raise DeadToken
    if not token.good(world.now()):
        raise DeadToken
    if world.cloud_id != request.environ[GATEWAY_SITE]:
        raise NoSuchSite
    return Caller(user, scopes=token.scopes)
