"""What users have set for themselves: preferences, the locale, the columns of their lists of issues."""

from flask import Response, request

from fake_jira.errors import Invalid, NotThere
from fake_jira.flavours import CLOUD
from fake_jira.model.people import change_user
from fake_jira.rest.asking import caller_or_asked
from fake_jira.rest.given import text_in
from fake_jira.rest.scene import site, user, world
from fake_jira.rest.wire import answer, body, chapter, done, signed_in, takes, text

preferences = chapter("preferences")
locale = chapter("locale", CLOUD)
LOCALES = ("en_US", "en_UK", "de_DE", "fr_FR", "es_ES", "it_IT", "ja_JP", "ko_KR", "pt_BR", "ru_RU", "zh_CN")
COLUMNS = ("issuetype", "issuekey", "summary", "assignee", "reporter", "priority", "status", "resolution", "created",
           "updated", "duedate")  # fmt: skip
NO_PREFERENCE = "The preference '{}' was not found."


def _kept() -> dict[str, str]:
    return dict(world().state.preferences.get(_caller(), ()))


def _caller() -> str:
    who = user()
    return who.account_id if who else ""


def _keep(values: dict[str, str]) -> None:
    world().state.preferences[_caller()] = tuple(values.items())


@preferences.get("/mypreferences")
@signed_in
def get_preference() -> Response:
    """Get preference."""
    if text("key") not in _kept():
        raise NotThere(NO_PREFERENCE.format(text("key")))
    return answer(_kept()[text("key")])


@preferences.put("/mypreferences")
@signed_in
@takes(None)
def set_preference() -> Response:
    """Set preference: the body is the value, as it is or as a JSON string."""
    sent = request.get_data(as_text=True)
    value = request.get_json(silent=True) if request.is_json else sent
    if not text("key") or value in (None, ""):
        raise NotThere("A preference needs a key and a value.")
    _keep(_kept() | {text("key"): value if isinstance(value, str) else sent})
    return done()


@preferences.delete("/mypreferences")
@signed_in
def remove_preference() -> Response:
    """Delete preference."""
    left = _kept()
    if left.pop(text("key"), None) is None:
        raise NotThere(NO_PREFERENCE.format(text("key")))
    _keep(left)
    return done()


@locale.get("/mypreferences/locale")
def get_locale() -> Response:
    """Get locale: the caller's, or the site's for anonymous callers."""
    who = user()
    return answer({"locale": who.locale if who else "en_US"})


@locale.put("/mypreferences/locale")
@signed_in
def set_locale() -> Response:
    """Set locale."""
    wanted, who = text_in(body(), "locale"), user()
    if wanted not in LOCALES:
        raise Invalid(fields={"locale": f"The locale must be one of: {', '.join(LOCALES)}."})
    if who is not None:
        change_user(site(), who, locale=wanted)
    return done()


@preferences.get("/user/columns")
def get_user_default_columns() -> Response:
    """Get user default columns."""
    chosen = world().state.columns.get(caller_or_asked().account_id, COLUMNS)
    known = world().state.fields
    return answer([{"label": known[each].name if each in known else "Key", "value": each} for each in chosen])


@preferences.put("/user/columns")
@takes(None)
def set_user_columns() -> Response:
    """Set user default columns, as a form or as JSON."""
    form = request.form.getlist("columns")
    columns = form if form or not request.is_json else body().get("columns") or []
    who = caller_or_asked()
    if unknown := [each for each in columns if each not in (*world().state.fields, "issuekey")]:
        raise Invalid(fields={"columns": f"There is no column '{unknown[0]}'."})
    world().state.columns[who.account_id] = tuple(columns)
    return answer({})


@preferences.delete("/user/columns")
def reset_user_columns() -> Response:
    """Reset user default columns."""
    world().state.columns.pop(caller_or_asked().account_id, None)
    return done()
