"""What happens in Jira: its world changes, and it misbehaves.

By the fake's control API where that has words for it, else by the hands of the keeper, another admin of that Jira; what
becomes of the integration's credential is known to its way of signing in.
"""

from collections.abc import Callable
from typing import Any

from scenarios.scene import Scene, StepFailed
from scenarios.signing_in import ByPassword, CloudApp

NEEDS_USER = ("expired_token", "lost_permission")


def jira(scene: Scene, body: Any) -> None:
    """One thing that happens in Jira, or several in a row."""
    for action in body if isinstance(body, list) else [body]:
        _happen(scene, action)


def _happen(scene: Scene, action: dict[str, Any]) -> None:
    world = scene.stage.jira
    match action:
        case {"fault": name, **fields}:
            if name in NEEDS_USER:
                fields.setdefault("user", scene.sign_in.user)
            world.fault(name, **fields)
        case {"transition": key, "to": status}:
            world.transition(key, status)
        case {"move": key, "to_project": project}:
            scene.issue_id(key)  # its former key goes on naming it in this story
            world.move(key, project)
        case _:
            ((verb, what),) = action.items()
            VERBS[verb](scene, what)


def _delete(scene: Scene, key: str) -> None:
    scene.issue_id(key)
    scene.stage.jira.delete(key)


def _credential(scene: Scene, how: str) -> None:
    if how == "revoked":
        scene.sign_in.revoke()
    else:
        scene.sign_in.rotate()


def _captcha(scene: Scene, how: str) -> None:
    way = scene.sign_in
    if not isinstance(way, ByPassword) or way.is_cloud:
        raise StepFailed("only a Data Center with basic authentication asks for a CAPTCHA")
    if how == "wanted":
        scene.keeper.want_captcha(way.user)
    else:
        scene.keeper.answer_captcha(way.user, way.secret)


def _app(scene: Scene) -> CloudApp:
    if not isinstance(scene.sign_in, CloudApp):
        raise StepFailed("only Jira Cloud with oauth2 has an app with scopes and sites")
    return scene.sign_in


def _app_scopes(scene: Scene, changes: dict[str, list[str]]) -> None:
    _app(scene).change_scopes(changes.get("add", []), changes.get("remove", []))


VERBS: dict[str, Callable[[Scene, Any], Any]] = {
    "clear": lambda scene, name: scene.stage.jira.clear(name),
    "delete": _delete,
    "restore": lambda scene, key: scene.stage.jira.restore_issue(scene.issue_id(key)),
    "settings": lambda scene, switches: scene.stage.jira.settings(**switches),
    "hide": lambda scene, key: scene.keeper.hide(key),
    "show": lambda scene, key: scene.keeper.show(key),
    "trash_project": lambda scene, key: scene.keeper.trash_project(key),
    "archive_project": lambda scene, key: scene.keeper.archive_project(key),
    "delete_project": lambda scene, key: scene.keeper.delete_project(key),
    "restore_project": lambda scene, key: scene.keeper.restore_project(key),
    "credential": _credential,
    "captcha": _captcha,
    "site": lambda scene, _: _app(scene).lose_site(),
    "app_scopes": _app_scopes,
}
