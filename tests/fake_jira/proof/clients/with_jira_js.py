"""The client `jira.js`, which checks every answer by schemas of its own. Its sessions are in `jira_js/session.mjs`."""

import shutil
import subprocess
from pathlib import Path

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.clients import session

FOLDER = Path(__file__).parent / "jira_js"


def lacking() -> str | None:
    """What is missing to run it, as a sentence."""
    if shutil.which("node") is None:
        return "jira.js needs Node.js, which is not installed."
    if not (FOLDER / "node_modules" / "jira.js").is_dir():
        return f"jira.js is not installed: run npm ci in {FOLDER.name}/, as make test does."
    return None


def _play(name: str, jira: Jira) -> None:
    command = ["node", str(FOLDER / "session.mjs"), name, jira.url]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@session("jira.js", "cloud", needs=lacking)
def the_site_is_looked_at(jira: Jira) -> None:
    _play("site", jira)


@session("jira.js", "cloud", needs=lacking)
def an_issue_lives_and_dies(jira: Jira) -> None:
    _play("issue", jira)


@session("jira.js", "cloud", needs=lacking)
def comments_are_written(jira: Jira) -> None:
    _play("comments", jira)


@session("jira.js", "cloud", needs=lacking)
def issues_are_searched(jira: Jira) -> None:
    _play("search", jira)


@session("jira.js", "cloud", needs=lacking)
def a_project_lives_and_dies(jira: Jira) -> None:
    _play("project", jira)


@session("jira.js", "cloud", needs=lacking)
def a_project_has_components_and_versions(jira: Jira) -> None:
    _play("parts", jira)


@session("jira.js", "cloud", needs=lacking)
def work_is_logged(jira: Jira) -> None:
    _play("worklogs", jira)


@session("jira.js", "cloud", needs=lacking)
def a_file_is_attached(jira: Jira) -> None:
    _play("attachments", jira)


@session("jira.js", "cloud", needs=lacking)
def issues_are_linked(jira: Jira) -> None:
    _play("links", jira)


@session("jira.js", "cloud", needs=lacking)
def an_issue_is_watched_and_has_properties(jira: Jira) -> None:
    _play("followers", jira)


@session("jira.js", "cloud", needs=lacking)
def a_filter_is_kept(jira: Jira) -> None:
    _play("filters", jira)


@session("jira.js", "cloud", needs=lacking)
def a_group_has_members(jira: Jira) -> None:
    _play("groups", jira)


@session("jira.js", "cloud", needs=lacking)
def issues_are_deleted_in_bulk(jira: Jira) -> None:
    _play("bulk", jira)
