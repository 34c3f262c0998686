"""Webhooks: those that apps register for themselves on Cloud, and those of administrators [jira 5.13, 5.14].

Only registered here; who is told of what, and how, is `webhooks/`.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from fake_jira.errors import CredentialNeeded, Forbidden, Invalid, JiraError, JqlSyntaxError, NotThere
from fake_jira.flavours import CLOUD
from fake_jira.jql import parse
from fake_jira.jql.tree import Clause, Query, clauses_of
from fake_jira.model import webhooks as verbs
from fake_jira.model.webhook_records import AdminWebhook, DynamicWebhook
from fake_jira.rest.scene import caller, flavour, site, user, world
from fake_jira.rest.wire import BAD_PAYLOAD, answer, body, chapter, number, page, signed_in

webhooks = chapter("webhooks", CLOUD)
admin_webhooks = Blueprint("admin_webhooks", __name__)
APPS_ONLY = "Only Connect and OAuth 2.0 apps can use this operation."
PAGE = 100
EVENTS = (
    "jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created", "comment_updated",
    "comment_deleted", "issue_property_set", "issue_property_deleted", "jira:version_released",
    "jira:version_unreleased", "jira:version_created", "jira:version_moved", "jira:version_updated",
    "jira:version_merged", "jira:version_deleted", "sprint_created", "sprint_updated", "sprint_closed",
    "sprint_deleted", "sprint_started",
)  # fmt: skip
FILTERABLE = {
    "issue", "issuekey", "key", "id", "project", "issuetype", "type", "status", "assignee", "reporter", "priority",
}  # fmt: skip
OPERATORS = {"=", "!=", "in", "not in"}


def _app() -> tuple[str, str]:
    """Client id and account of the app that calls; Forbidden for everybody else."""
    who = caller()
    if who.app is None or who.user is None:
        raise Forbidden(APPS_ONLY)
    return who.app, who.user.account_id


@webhooks.get("/webhook")
@signed_in
def get_dynamic_webhooks_for_app() -> Response:
    """Get dynamic webhooks for app: those of this app and this user."""
    mine = verbs.webhooks_of(site(), *_app())
    return answer(page(mine, _shown, number("startAt", 0), min(number("maxResults", PAGE), PAGE)))


def _shown(each: DynamicWebhook) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": each.id,
        "url": each.url,
        "jqlFilter": each.jql,
        "events": list(each.events),
        "expirationDate": round(each.expires_at.timestamp() * 1000),
    }
    if each.field_ids:
        shown["fieldIdsFilter"] = list(each.field_ids)
    if each.property_keys:
        shown["issuePropertyKeysFilter"] = list(each.property_keys)
    return shown


@webhooks.post("/webhook")
@signed_in
def register_dynamic_webhooks() -> Response:
    """Register dynamic webhooks: each is made or says why not, and the answer is 200 all the same [jira 5.13]."""
    app = _app()
    given = body()
    wanted = given.get("webhooks")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(each, dict) for each in wanted):
        raise Invalid(BAD_PAYLOAD)
    url = _address(given.get("url"))
    known = {each.url for each in verbs.webhooks_of(site(), *app)}
    if any(urlsplit(each).netloc != urlsplit(url).netloc for each in known):
        raise Invalid("The url must have the same base as the webhooks that the app has registered already.")
    return answer({"webhookRegistrationResult": [_registered(app, url, each) for each in wanted]})


def _address(value: Any) -> str:
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
        raise Invalid("The url is not a valid address.")
    return str(value)


def _registered(app: tuple[str, str], url: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    try:
        events, jql = _texts(wanted, "events"), wanted.get("jqlFilter")
        if not events or any(each not in EVENTS for each in events):
            raise Invalid("The events are not valid.")
        if not isinstance(jql, str):
            raise Invalid("The jqlFilter is required.")
        check_filter(jql)
        if len(verbs.webhooks_of(site(), *app)) >= verbs.PER_APP:
            raise Invalid(f"The limit of {verbs.PER_APP} webhooks per app and user is reached.")
    except JiraError as error:
        return {"errors": [str(error)]}
    fields, keys = _texts(wanted, "fieldIdsFilter"), _texts(wanted, "issuePropertyKeysFilter")
    made = DynamicWebhook(0, *app, url, events, jql, fields, keys, world().now())
    return {"createdWebhookId": verbs.register(site(), made).id}


def check_filter(jql: str) -> Query:
    """The query of a dynamic webhook: only some fields and operators can be filtered by [jira 5.13]."""
    query = parse(jql)
    for clause in clauses_of(query.where):
        _check_clause(clause)
    return query


def _check_clause(clause: Clause) -> None:
    name = clause.field.lower()
    if name not in FILTERABLE and not name.startswith("issue.property"):
        raise Invalid(f"The clause {clause.field} is unsupported")
    if clause.operator.lower() not in OPERATORS:
        raise Invalid(f"The operator {clause.operator} is unsupported")


def _texts(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = given.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Invalid(BAD_PAYLOAD)
    return tuple(value)


def _named() -> list[DynamicWebhook]:
    """Those of the app that a body names; others' ids are passed over in silence."""
    app, ids = _app(), body().get("webhookIds")
    if not isinstance(ids, list) or not all(isinstance(each, int) and not isinstance(each, bool) for each in ids):
        raise Invalid(BAD_PAYLOAD)
    return [each for each in verbs.webhooks_of(site(), *app) if each.id in ids]


@webhooks.delete("/webhook")
@signed_in
def delete_webhook_by_id() -> Response:
    """Delete webhooks by id."""
    verbs.forget(site(), _named())
    return answer(None, 202)


@webhooks.put("/webhook/refresh")
@signed_in
def refresh_webhooks() -> Response:
    """Extend webhook life: thirty days from now."""
    until = verbs.refresh(site(), _named())
    return answer({"expirationDate": round(until.timestamp() * 1000)})


@webhooks.get("/webhook/failed")
@signed_in
def get_failed_webhooks() -> Response:
    """Get failed webhooks: what was given up within the last 72 hours."""
    client_id, _ = _app()
    after, size = number("after", 0), max(1, min(number("maxResults", PAGE), PAGE))
    since = world().now() - verbs.FAILED_KEPT
    found = [
        each
        for each in world().state.failed_deliveries.values()
        if each.client_id == client_id and each.failed_at > since and each.failed_at.timestamp() * 1000 > after
    ]
    shown = [
        {"id": each.id, "body": each.body, "url": each.url, "failureTime": int(each.failed_at.timestamp() * 1000)}
        for each in found[:size]
    ]
    bean: dict[str, Any] = {"values": shown, "maxResults": size}
    if len(found) > size:
        bean["next"] = f"{request.base_url}?after={shown[-1]['failureTime']}&maxResults={size}"
    return answer(bean)


def _admin() -> None:
    who = user()
    if who is None:
        raise CredentialNeeded
    if not who.admin:
        raise Forbidden("You do not have permission to administer webhooks.")


def _admin_shown(each: AdminWebhook) -> dict[str, Any]:
    who = world().state.users.get(each.account_id)
    shown: dict[str, Any] = {
        "name": each.name,
        "url": each.url,
        "excludeBody": each.exclude_body,
        "filters": dict(each.filters),
        "events": list(each.events),
        "enabled": each.enabled,
        "self": f"{request.base_url.removesuffix(f'/{each.id}')}/{each.id}",
        "lastUpdatedUser": flavour().user_id(who) if who else None,
        "lastUpdatedDisplayName": who.display_name if who else None,
        "lastUpdated": round(each.updated_at.timestamp() * 1000),
    }
    return shown | {"isSigned": each.secret is not None}


def _found(webhook_id: str) -> AdminWebhook:
    _admin()
    found = world().state.admin_webhooks.get(webhook_id)
    if found is None:
        raise NotThere(f"Webhook with id {webhook_id} was not found.")
    return found


def list_admin_webhooks() -> Response:
    """All webhooks of administrators."""
    _admin()
    return answer([_admin_shown(each) for each in world().state.admin_webhooks.values()])


def get_admin_webhook(webhook_id: str) -> Response:
    """One of them."""
    return answer(_admin_shown(_found(webhook_id)))


def create_admin_webhook() -> Response:
    """A new one."""
    _admin()
    return answer(_admin_shown(_saved(0, body(), None)), 201)


def update_admin_webhook(webhook_id: str) -> Response:
    """Changes what is given and keeps the rest."""
    before = _found(webhook_id)
    return answer(_admin_shown(_saved(before.id, body(), before)))


def delete_admin_webhook(webhook_id: str) -> Response:
    """Without it."""
    del world().state.admin_webhooks[str(_found(webhook_id).id)]
    return Response(b"", 204)


def _switch(given: Mapping[str, Any], name: str, *, before: bool) -> bool:
    value = given.get(name, before)
    if not isinstance(value, bool):
        raise Invalid(f"{name} is true or false.")
    return value


def _saved(webhook_id: int, given: Mapping[str, Any], before: AdminWebhook | None) -> AdminWebhook:
    name = given.get("name", before and before.name)
    filters = given.get("filters", dict(before.filters) if before else {})
    if not isinstance(name, str) or not name.strip():
        raise Invalid("The name of the webhook is required.")
    if not isinstance(filters, dict) or not all(isinstance(each, str) for each in filters.values()):
        raise Invalid("The filters of the webhook are not valid.")
    for jql in filters.values():
        try:
            parse(jql)
        except JqlSyntaxError as error:
            raise Invalid(f"The JQL of the webhook is not valid: {error}") from error
    secret = given.get("secret", before and before.secret) or None
    if secret is not None and not isinstance(secret, str):
        raise Invalid("The secret of the webhook is not a text.")
    events = _texts(given, "events") if "events" in given else before.events if before else ()
    if not events:
        raise Invalid("The webhook needs at least one event.")
    who = user()
    if who is None:
        raise Forbidden("You do not have permission to administer webhooks.")
    wanted = AdminWebhook(
        webhook_id,
        name,
        _address(given.get("url", before and before.url)),
        events,
        tuple(filters.items()),
        exclude_body=_switch(given, "excludeBody", before=before is not None and before.exclude_body),
        enabled=_switch(given, "enabled", before=before is None or before.enabled),
        secret=secret,
        account_id=who.account_id,
        updated_at=world().now(),
    )
    return verbs.save_admin_webhook(site(), wanted, who)


for _method, _path, _view in (
    ("GET", "", list_admin_webhooks),
    ("POST", "", create_admin_webhook),
    ("GET", "/<webhook_id>", get_admin_webhook),
    ("PUT", "/<webhook_id>", update_admin_webhook),
    ("DELETE", "/<webhook_id>", delete_admin_webhook),
):
    admin_webhooks.add_url_rule(_path, view_func=_view, methods=[_method])
