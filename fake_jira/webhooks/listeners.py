"""Who wants to be told of an event: by its kind, by JQL, by the fields that changed [jira 5.13, 5.14]."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from fake_jira.auth.gateway import reaches
from fake_jira.errors import JiraError
from fake_jira.jql import Asker, matching, parse
from fake_jira.model.app_records import App
from fake_jira.model.apps import grant_of
from fake_jira.model.events import Event
from fake_jira.model.records import User
from fake_jira.model.webhook_records import AdminWebhook, DynamicWebhook
from fake_jira.worlds import World, Worlds

ISSUE_SECTION = "issue-related-events-section"


def apps_told(worlds: Worlds, world: World, event: Event) -> Iterator[tuple[App, list[DynamicWebhook]]]:
    """The apps with their webhooks that match: one delivery for each address and user [jira 5.13].

    A private app's webhooks are delivered only when its owner is who registered them, and nobody's any longer than
    they let the app in.
    """
    found: dict[tuple[str, str, str], tuple[App, list[DynamicWebhook]]] = {}
    for each in world.state.webhooks.values():
        if event.kind not in each.events or world.now() >= each.expires_at or not _passes(event, each):
            continue
        app = _app_let_in(worlds, world, each)
        if app is None or not (app.distributed or app.owner == each.account_id):
            continue
        if _matches(world, each.account_id, each.jql, event):
            found.setdefault((each.client_id, each.account_id, each.url), (app, []))[1].append(each)
    yield from found.values()


def _app_let_in(worlds: Worlds, world: World, webhook: DynamicWebhook) -> App | None:
    """The webhook's app, if its user still lets it in; app and grant may be kept by another site of the user's."""
    for home in (world, *worlds):
        app: App | None = home.state.apps.get(webhook.client_id)
        grant = grant_of(home.state, app, webhook.account_id) if app else None
        if grant is not None and reaches(home, grant, world):
            return app
    return None


def admins_told(world: World, event: Event) -> Iterator[AdminWebhook]:
    """Administrators' webhooks that want the event."""
    for each in world.state.admin_webhooks.values():
        jql = dict(each.filters).get(ISSUE_SECTION, "")
        if each.enabled and event.kind in each.events and _matches(world, each.account_id, jql, event):
            yield each


def _passes(event: Event, webhook: DynamicWebhook) -> bool:
    """The filters by field act on issue_updated alone, those by property on properties."""
    if event.kind == "jira:issue_updated" and webhook.field_ids:
        changed = {item.field_id for item in event.change.items} if event.change else set()
        return not changed.isdisjoint(webhook.field_ids)
    if event.kind.startswith("issue_property") and webhook.property_keys:
        return event.about.get("property") in webhook.property_keys
    return True


def _matches(world: World, account_id: str, jql: str, event: Event) -> bool:
    """Whether who registered may see the issue and the JQL finds it; events without an issue are not filtered."""
    if event.issue is None:
        return True
    user = world.state.users.get(account_id)
    if user is None or not world.state.sees(user, event.issue):
        return False
    if not jql.strip():
        return True
    try:
        return matching(parse(jql), event.issue, Asker(world.state, user, world.now(), _zone(user)))
    except JiraError:  # of a field or project that has gone since the webhook was registered
        return False


def _zone(user: User) -> ZoneInfo:
    return ZoneInfo("UTC" if user.time_zone == "Etc/UTC" else user.time_zone)
