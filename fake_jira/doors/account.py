"""A person's own account at Jira Cloud: apps that were let in, API tokens, the password [jira 2.2, 4.1]."""

from datetime import timedelta

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from fake_jira.auth.scopes import checked, in_words
from fake_jira.doors.page import for_people, here, lines, show
from fake_jira.errors import Invalid
from fake_jira.model.api_tokens import api_token, new_api_token, revoke_api_token
from fake_jira.model.apps import change_password, remove_grant
from fake_jira.model.records import User

account = Blueprint("account", __name__, template_folder="templates")
LENGTHS = {"7": "a week", "30": "30 days", "90": "90 days", "365": "a year"}


@account.get("/account", endpoint="account")
@for_people
def own_account(who: User) -> Response:
    return _page(who)


@account.post("/account/apps/<grant_id>/remove")
@for_people
def remove_connected_app(who: User, grant_id: str) -> Response:
    """The app acts for this person no more: its tokens die."""
    grant = here().state.app_grants.get(grant_id)
    if grant is not None and grant.account_id == who.account_id:
        remove_grant(here().site, grant)
    return redirect(url_for("account.account"), 302)


@account.post("/account/tokens")
@for_people
def create_api_token(who: User) -> Response:
    """The token stands on the next page and on no other."""
    days, label = request.form.get("days", ""), request.form.get("label", "")
    if days not in LENGTHS:
        return _page(who, problem="Choose how long the token is good.")
    try:
        scopes = checked(lines("scopes")) or None
        ends = here().site.now() + timedelta(days=int(days))
        token = new_api_token(here().site, who, label, expires_at=ends, scopes=scopes)
    except Invalid as error:
        return _page(who, problem=str(error))
    return _page(who, new=token.secret)


@account.post("/account/tokens/<token_id>/revoke", endpoint="revoke_api_token")
@for_people
def revoke_own_token(who: User, token_id: str) -> Response:
    token = api_token(here().state, token_id)
    if token is not None and token.account_id == who.account_id:
        revoke_api_token(here().site, token)
    return redirect(url_for("account.account"), 302)


@account.post("/account/password", endpoint="change_password")
@for_people
def change_own_password(who: User) -> Response:
    """Ends every login, this one too."""
    if request.form.get("old") != here().state.passwords.get(who.account_id):
        return _page(who, problem="The present password is another one.")
    try:
        change_password(here().site, who, request.form.get("new", ""))
    except Invalid as error:
        return _page(who, problem=str(error))
    return redirect(url_for("identity.login_page"), 302)


def _page(who: User, *, problem: str = "", new: str = "") -> Response:
    state = here().state
    grants = [each for each in state.app_grants.values() if each.account_id == who.account_id]
    shown = [(each, state.apps[each.client_id], [in_words(scope) for scope in each.scopes]) for each in grants]
    tokens = [each for each in state.tokens.values() if each.account_id == who.account_id and not each.revoked]
    return show(
        "cloud/account.html",
        400 if problem else 200,
        grants=shown,
        tokens=tokens,
        now=here().now(),
        lengths=LENGTHS,
        problem=problem,
        new=new,
    )
