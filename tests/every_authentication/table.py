"""The table of the README: a column for each way to sign in, a row for each thing that is done or that Jira does.

Made of stories and of what came of them; plays none.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from scenarios import loading
from scenarios.loading import Story

ROOT = Path(__file__).parents[2]
STORIES = ROOT / "scenarios/library/every-authentication"
README = ROOT / "README.md"
MARKED = re.compile(r"(<!-- every authentication -->\n)(.*?)(<!-- made by: make evidence -->)", re.DOTALL)

Kind = tuple[str, str]  # flavour and authentication
KINDS: Mapping[Kind, str] = {
    ("cloud", "basic"): "Cloud Basic",
    ("cloud", "oauth2"): "Cloud OAuth 2.0",
    ("data-center", "basic"): "Data Center Basic",
    ("data-center", "pat"): "Data Center token",
    ("data-center", "oauth1"): "Data Center OAuth 1.0a",
    ("data-center", "oauth2"): "Data Center OAuth 2.0",
}
ROWS: Mapping[str, str] = {  # file -> what the row is called
    "status-check": "status check",
    "retrieval": "retrieval",
    "manual-refresh": "refresh",
    "creation": "creation of a ticket",
    "dead-credential": "dead credential, anonymous answers",
    "expired-token": "expired token",
    "rotating-token": "tokens that rotate",
    "rotated-secret": "replaced client secret",
    "consent-refused": "refused consent",
    "missing-scope": "missing scopes",
    "site-gone": "site gone",
    "captcha": "CAPTCHA",
    "lost-permission": "lost permission",
    "trashed-project": "project in the trash",
    "archived-project": "project archived",
    "deleted-project": "project gone",
    "deleted-issue": "deleted issue",
    "hidden-issue": "issue hidden by a security level",
    "moved-issue": "moved issue",
    "index-lag": "lagging index",
    "short-pages": "short pages",
    "doubled-pages": "doubled hits",
    "login-page": "login page as 200",
    "rate-limit": "429",
    "unavailable": "503",
    "outage": "no connection",
}
KEPT, BROKEN, THERE_IS_NONE = "✓", "**✗**", "-"


def stories() -> list[Story]:
    """All stories of the table."""
    return loading.load([STORIES])


def kind_of(story: Story) -> Kind:
    """How the integration of the story signs in."""
    return story.given.jira, story.given.authentication


def as_markdown(kept: Iterable[Story], broken: Iterable[Story] = ()) -> str:
    """The table, when some stories were kept and some were not; what has no story does not exist there."""
    cells = {_cell(story): KEPT for story in kept} | {_cell(story): BROKEN for story in broken}
    lines = ["| |" + "".join(f" {name} |" for name in KINDS.values()), "|---|" + ":---:|" * len(KINDS)]
    for file, name in ROWS.items():
        link = f"[{name}]({STORIES.relative_to(ROOT)}/{file}.yaml)"
        lines.append(f"| {link} |" + "".join(f" {cells.get((file, kind), THERE_IS_NONE)} |" for kind in KINDS))
    return "\n".join(lines) + "\n"


def of_the_readme() -> str:
    """The table as the README has it."""
    found = MARKED.search(README.read_text(encoding="utf-8"))
    return found[2] if found else ""


def write(table: str) -> None:
    """Puts the table into the README."""
    text = README.read_text(encoding="utf-8")
    README.write_text(MARKED.sub(lambda found: found[1] + table + found[3], text), encoding="utf-8")


def _cell(story: Story) -> tuple[str, Kind]:
    return Path(story.path).stem, kind_of(story)
