"""Whom and what a request about people names, and whether this caller may ask."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, request

from fake_jira.errors import CredentialNeeded, Forbidden, Invalid, NotThere
from fake_jira.model.access import Group
from fake_jira.model.records import User
from fake_jira.rest.scene import flavour, user, world
from fake_jira.rest.wire import BAD_PAYLOAD, listed, number

P = ParamSpec("P")
FOR_ADMINS = "You are not authorized to perform this action. Administrator privileges are required."
NO_USER = "Specified user does not exist or you do not have required permissions"
PER_PAGE = 50
MOST = 1000


def signed_in_unless_open(view: Callable[P, Response]) -> Callable[P, Response]:
    """A route about people: at Cloud anonymous callers find nobody, Data Center turns them away [jira 2.8]."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        if user() is None and not flavour().open:
            raise CredentialNeeded
        return view(*args, **kwargs)

    return guarded


def for_admins(view: Callable[P, Response]) -> Callable[P, Response]:
    """A route for those alone who administer the site: 401 for the anonymous, 403 for others."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        who = user()
        if who is None:
            raise CredentialNeeded
        if not who.admin:
            raise Forbidden(FOR_ADMINS)
        return view(*args, **kwargs)

    return guarded


def caller_or_asked(*, key: str = "key") -> User:
    """The user that the query names, else the caller. Forbidden where one who is no admin names somebody else."""
    who = user()
    if who is None:
        raise CredentialNeeded
    if not flavour().names_a_user(request.args, key=key):
        return who
    found = asked_user(key=key)
    if found.account_id != who.account_id and not who.admin:
        raise Forbidden(FOR_ADMINS)
    return found


def asked_user(*, key: str = "key") -> User:
    """The user that the query names, or NotThere."""
    found = flavour().user_asked(world().state, request.args, key=key)
    if found is None:
        raise NotThere(NO_USER)
    return found


def asked_group() -> Group:
    """The group that the query names. Invalid if it names none, NotThere if there is no such one."""
    if not (request.args.get("groupname") or request.args.get("groupId")):
        raise Invalid("The 'groupname' or 'groupId' query parameter must be provided.")
    found = flavour().group_asked(world().state, request.args)
    if found is None:
        raise NotThere(f"The group named '{request.args.get('groupname') or request.args['groupId']}' does not exist.")
    return found


def expansions() -> Collection[str]:
    """What `expand` asks for."""
    return frozenset(listed("expand") or ())


def slice_asked() -> tuple[int, int]:
    """startAt and maxResults, the latter lowered to what is possible."""
    return max(0, number("startAt", 0)), min(max(0, number("maxResults", PER_PAGE)), MOST)


def strings(given: dict[str, Any], name: str) -> list[str]:
    """A list of texts in a body; Invalid for anything else."""
    value = given.get(name, [])
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str | int) for each in value):
        raise Invalid(BAD_PAYLOAD)
    return [str(each) for each in value]
