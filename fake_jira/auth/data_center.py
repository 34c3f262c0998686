"""Who calls at Data Center: by Basic, a Bearer token, an OAuth 1.0a signature or a session cookie [jira 2.8, 4.4-4.7].

A wrong password is refused on every route; a token that is no good is nobody's, and the request goes on as anonymous.
"""

from flask import Request

from fake_jira.auth import oauth1, provider, sessions
from fake_jira.auth.basic import pair_of
from fake_jira.auth.caller import Caller
from fake_jira.errors import BadPassword, BasicDisabled, SignInDenied
from fake_jira.model.personal_tokens import good_until, token_behind
from fake_jira.worlds import World

OAUTH = "/plugins/servlet/oauth/"  # where signatures belong to the dance and not to a user


def authenticate(world: World, request: Request) -> Caller:
    """Who calls. Raises BadPassword, SignInDenied, BasicDisabled, SignatureRefused for what is refused everywhere."""
    header = request.headers.get("Authorization", "")
    with world.lock:
        if header.startswith("Bearer "):
            return _by_token(world, request, header.removeprefix("Bearer ").strip())
        if oauth1.is_signed(request) and not request.path.startswith(OAUTH):
            who, consumer = oauth1.caller_of(world, request)
            return Caller(who, "OK", app=consumer, sends=sessions.nobodys_cookies(request))
        pair = pair_of(header)
        if pair is not None:
            return _by_password(world, request, *pair)
        return _by_session(world, request)


def _by_password(world: World, request: Request, name: str, password: str) -> Caller:
    if world.settings.basic_auth == "off":
        raise BasicDisabled
    asked = sessions.signer(world, name)
    if asked is not None and sessions.is_denied(world, asked):
        raise SignInDenied
    who = sessions.user_with_password(world, name, password)
    if who is None:
        sessions.note_failure(world, asked)
        raise BadPassword
    session = sessions.session_of(world, request)
    sends = () if session is None else sessions.headers_of(session)
    if session is None or session.account_id != who.account_id:
        session = sessions.implied_session(world, who)
        sends = sessions.cookies_of(session, request)
    state, id_ = world.state, who.account_id
    rests_on = (
        (state.users, id_, who),
        (state.passwords, id_, state.passwords[id_]),
        (state.doors.sign_ins, id_, state.doors.sign_ins.get(id_)),
        (state.doors.sessions, session.id, session),
    )
    return Caller(who, "OK", rests_on=rests_on, good_until=sessions.good_until(session), sends=sends)


def _by_token(world: World, request: Request, secret: str) -> Caller:
    """A personal access token, or an access token of OAuth 2.0; neither leaves a session behind that is good."""
    state, sends = world.state, sessions.nobodys_cookies(request)
    token = token_behind(world.site, secret)
    if token is not None and (who := state.users.get(token.account_id)) and who.active:
        rests_on = ((state.users, who.account_id, who), (state.doors.personal_tokens, secret, token))
        return Caller(who, "OK", rests_on=rests_on, good_until=good_until(token), sends=sends)
    pair = provider.pair_behind(world, secret)
    if pair is not None and (who := state.users.get(pair.account_id)) and who.active:
        return Caller(
            provider.as_far_as(pair.scope, who),
            "OK",
            app=pair.client_id,
            scopes=provider.scopes_within(pair.scope),
            sends=sends,
        )
    return Caller(None, sends=sends)


def _by_session(world: World, request: Request) -> Caller:
    session = sessions.session_of(world, request)
    if session is None:
        return Caller(None, sends=sessions.nobodys_cookies(request))
    return Caller(world.state.users[session.account_id], "OK", sends=sessions.headers_of(session))
