"""Data Center's login page, by which people sign in, and the only way past a CAPTCHA [jira 2.8]."""

from urllib.parse import urlsplit

from flask import Blueprint, g, redirect, request
from werkzeug.wrappers import Response

from fake_jira.auth import sessions
from fake_jira.auth.caller import Caller
from fake_jira.doors.data_center_page import LOGIN, STALE, for_people, show
from fake_jira.doors.page import here, is_from_elsewhere
from fake_jira.flavours.data_center_doors import DENIED, FAILED
from fake_jira.model.records import User

login_page = Blueprint("login_page", __name__, template_folder="templates")
WRONG = "Sorry, your username and password are incorrect - please try again."
WRONG_ANSWER = "Please answer the question below as well, to show that you are a person."


@login_page.get(LOGIN)
def show_login() -> Response:
    """The form, or who is signed in already."""
    return show("login.html", destination=_destination(request.args.get("os_destination", "")))


@login_page.post(LOGIN)
def log_in() -> Response:
    """Opens a session and goes where the person wanted to."""
    world, form = here(), request.form
    if is_from_elsewhere():
        return show("refused.html", 403, sentence=STALE)
    asked = sessions.signer(world, form.get("os_username", ""))
    if asked is not None and sessions.is_denied(world, asked) and not _answers_the_question(asked):
        sessions.note_failure(world, asked)
        return _again(asked, WRONG_ANSWER, DENIED)
    who = sessions.user_with_password(world, form.get("os_username", ""), form.get("os_password", ""))
    if who is None:
        sessions.note_failure(world, asked)
        return _again(asked, WRONG, FAILED)
    sessions.note_login(world, who)
    session = sessions.open_session(world, who)
    g.caller = Caller(who, "OK", sends=sessions.cookies_of(session, request))
    return redirect(f"{request.script_root}{_destination(form.get('os_destination', '')) or LOGIN}", 302)


@login_page.post("/logout")
@for_people
def log_out(_: User) -> Response:
    """Ends the session."""
    found = sessions.session_of(here(), request)
    if found is not None:
        sessions.end_session(here(), found.id)
    g.caller = Caller(None)
    return redirect(f"{request.script_root}{LOGIN}", 302)


def _again(asked: User | None, problem: str, reason: str) -> Response:
    """The form once more; with a question where one has to be answered by now."""
    question = None
    if asked is not None and sessions.is_denied(here(), asked):
        question = sessions.sign_ins(here(), asked).question
    page = show(
        "login.html",
        problem=problem,
        question=question,
        name=request.form.get("os_username", ""),
        destination=_destination(request.form.get("os_destination", "")),
    )
    page.headers["X-Seraph-LoginReason"] = reason
    return page


def _answers_the_question(asked: User) -> bool:
    return request.form.get("os_captcha", "").strip() == str(sum(sessions.sign_ins(here(), asked).question))


def _destination(wanted: str) -> str:
    """Where to go afterwards: a path of this site, or nowhere in particular. Nobody is sent elsewhere."""
    is_path = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if is_path and not urlsplit(wanted).netloc else ""
