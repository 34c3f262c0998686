"""The HTTP of getting in: one file per door (consent, tokens, sessions, ...).

What a credential is worth is decided in `auth/`; here are the routes and pages by which people and programs get one.
"""

from flask import Flask

from fake_jira.doors.account import account
from fake_jira.doors.application_links import application_links
from fake_jira.doors.consent import consent
from fake_jira.doors.console import console
from fake_jira.doors.identity import identity
from fake_jira.doors.login_page import login_page
from fake_jira.doors.oauth1 import signatures
from fake_jira.doors.personal_tokens import personal_tokens
from fake_jira.doors.provider import provider
from fake_jira.doors.session import session
from fake_jira.doors.tokens import tokens
from fake_jira.flavours import CLOUD, DATA_CENTER, Flavour
from fake_jira.flavours.base import locked

DOORS = {
    CLOUD: (identity, consent, tokens, console, account),
    DATA_CENTER: (session, personal_tokens, login_page, signatures, provider, application_links),
}


def hang(app: Flask, flavour: Flavour) -> None:
    """Hangs the doors of `flavour` into `app`; every view runs under its world's lock."""
    mine = DOORS.get(flavour.name, ())
    for each in mine:
        app.register_blueprint(each)
    names = {each.name for each in mine}
    for endpoint, view in app.view_functions.items():
        if endpoint.partition(".")[0] in names:
            app.view_functions[endpoint] = locked(view)
