"""How much Cloud lets one issue hold: what would be beyond is answered 413 [jira 7.1]. Data Center has no caps."""

from fake_jira.errors import TooMuch
from fake_jira.rest.scene import flavour, world


def limits() -> dict[str, int]:
    """The caps by the name of the issue's attribute; the world's settings can lower them."""
    settings = world().settings
    return {
        "comments": settings.comments_per_issue,
        "worklogs": settings.worklogs_per_issue,
        "attachments": settings.attachments_per_issue,
        "links": settings.links_per_issue,
        "remote_links": settings.remote_links_per_issue,
    }


def within(kind: str, held: int, more: int = 1) -> None:
    """TooMuch if an issue that holds `held` may not take `more` of `kind`."""
    most = limits()[kind]
    if flavour().caps_issues and held + more > most:
        raise TooMuch(f"The per-issue limit of {most} for {kind.replace('_', ' ')} has been reached.")
