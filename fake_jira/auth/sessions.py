"""Data Center's sessions, and the sign-ins that make them: wrong passwords are counted, and a CAPTCHA follows.

Whoever calls holds the world's lock.
"""

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from flask import Request

from fake_jira.model.data_center_doors import Session, SignIns
from fake_jira.model.records import User
from fake_jira.worlds import World

COOKIE = "JSESSIONID"
XSRF_COOKIE = "atlassian.xsrf.token"
NODE = "node1"
IDLE = timedelta(hours=5)  # a session that nobody uses for so long is over, as Jira has it by default
SELDOM = timedelta(minutes=5)  # how often the time of the last use is noted: reading must not write each time
Headers = tuple[tuple[str, str], ...]


def user_with_password(world: World, name: str, password: str) -> User | None:
    """Who signs in like that, whatever came before; None if nobody does."""
    who = signer(world, name)
    right = who is not None and secrets.compare_digest(
        world.state.passwords.get(who.account_id, "").encode(), password.encode()
    )
    return who if right else None


def signer(world: World, name: str) -> User | None:
    """Whose password is asked for; nobody's if the user is no longer active."""
    who = world.state.user(name) if name else None
    if who is None or who.name.lower() != name.lower() or who.account_id not in world.state.passwords:
        return None
    return who if who.active else None


def sign_ins(world: World, user: User) -> SignIns:
    return world.state.doors.sign_ins.get(user.account_id, SignIns())


def is_denied(world: World, user: User) -> bool:
    """Whether only a browser, with a CAPTCHA, lets the user in [jira 2.8]. Switch `captcha_after`, 0 = never."""
    most = world.settings.captcha_after
    return most > 0 and sign_ins(world, user).failures >= most


def note_failure(world: World, user: User | None) -> None:
    """A wrong password. Each one also changes the question that the CAPTCHA will ask."""
    if user is None:
        return
    before = sign_ins(world, user)
    world.state.doors.sign_ins[user.account_id] = replace(
        before,
        failures=before.failures + 1,
        all_failures=before.all_failures + 1,
        last_failure=world.site.now(),
        question=(secrets.randbelow(9) + 1, secrets.randbelow(9) + 1),
    )


def note_login(world: World, user: User) -> None:
    """Somebody signed in at a page or for a session; that forgives the failures."""
    before = sign_ins(world, user)
    world.state.doors.sign_ins[user.account_id] = replace(
        before, failures=0, logins=before.logins + 1, last_login=world.site.now(), previous_login=before.last_login
    )


def open_session(world: World, user: User) -> Session:
    """A new session of `user`; those that are long over are forgotten."""
    doors, now = world.state.doors, world.now()
    for old in [each.id for each in doors.sessions.values() if now - each.used >= IDLE]:
        del doors.sessions[old]
    session = Session(_session_id(), user.account_id, _xsrf(), now)
    doors.sessions[session.id] = session
    return session


def session_of(world: World, request: Request) -> Session | None:
    """The session that the request's cookie names, if it is not over."""
    sessions, now = world.state.doors.sessions, world.now()
    found = sessions.get(request.cookies.get(COOKIE, ""))
    who = world.state.users.get(found.account_id) if found else None
    if found is None or who is None or not who.active or now - found.used >= IDLE:
        return None
    if now - found.used >= SELDOM:
        sessions[found.id] = found = replace(found, used=now)
    return found


def implied_session(world: World, user: User) -> Session:
    """The session that Basic authentication leaves behind: one for each user, so that their number stays small."""
    doors, now = world.state.doors, world.now()
    found = doors.sessions.get(doors.implied.get(user.account_id, ""))
    if found is None or now - found.used >= IDLE - SELDOM:
        found = open_session(world, user)
        doors.implied[user.account_id] = found.id
    return found


def end_session(world: World, session_id: str) -> None:
    world.state.doors.sessions.pop(session_id, None)


def headers_of(session: Session) -> Headers:
    """The one header by which every answer tells the session it belongs to [jira 6.4]."""
    return (("X-ASESSIONID", _short(session.id)),)


def cookies_of(session: Session, request: Request) -> Headers:
    """For a client that does not have the session yet."""
    return (*_cookies(request, session.id, f"{session.xsrf}_lin"), *headers_of(session))


def nobodys_cookies(request: Request) -> Headers:
    """What callers without a session are sent: a session that is good for nothing, unless they came with one."""
    if COOKIE in request.cookies:
        return ()
    fresh = _session_id()
    return (*_cookies(request, fresh, f"{_xsrf()}_lout"), ("X-ASESSIONID", _short(fresh)))


def good_until(session: Session) -> datetime:
    return session.used + IDLE


def _cookies(request: Request, session_id: str, xsrf: str) -> Headers:
    where = f"Path={request.script_root or '/'}" + ("; Secure" if request.is_secure else "")
    return (
        ("Set-Cookie", f"{COOKIE}={session_id}; {where}; HttpOnly"),
        ("Set-Cookie", f"{XSRF_COOKIE}={xsrf}; {where}"),
    )


def _session_id() -> str:
    return f"{secrets.token_hex(16).upper()}.{NODE}"


def _xsrf() -> str:
    return f"{secrets.token_hex(8).upper()}_{secrets.token_hex(20)}"


def _short(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()[:6]
