"""Links from an issue to what is elsewhere. Known by an id, and by a global id if whoever made them gave one."""

import orjson

from fake_jira.errors import NotThere
from fake_jira.model.records import ChangeItem, Issue, RemoteLink, User
from fake_jira.model.satellites import change
from fake_jira.model.state import Site

ANY = "Web Link"  # what a link without an application is called


def find_remote_link(issue: Issue, link_id: int) -> RemoteLink | None:
    return next((each for each in issue.remote_links if each.id == link_id), None)


def with_global_id(issue: Issue, global_id: str) -> RemoteLink | None:
    return next((each for each in issue.remote_links if each.global_id == global_id), None)


def add_remote_link(
    site: Site, issue: Issue, actor: User | None, *, content: bytes, global_id: str | None, relationship: str | None
) -> RemoteLink:
    """A new one at the end."""
    made = RemoteLink(int(site.state.next_id("remote_link")), content, global_id, relationship)
    item = ChangeItem("RemoteIssueLink", "", None, None, str(made.id), _words(made))
    now, entry = change(site, issue, actor, [item], remote_links=(*issue.remote_links, made))
    site.tell("jira:issue_updated", actor, now, change=entry, type_name="issue_updated")
    return made


def change_remote_link(site: Site, issue: Issue, actor: User | None, new: RemoteLink) -> None:
    """Put `new` in the place of the link with its id."""
    old = find_remote_link(issue, new.id)
    if old is None:
        raise NotThere(f"There is no remote link {new.id} on this issue.")
    links = tuple(new if each.id == new.id else each for each in issue.remote_links)
    item = ChangeItem("RemoteIssueLink", "", str(old.id), _words(old), str(new.id), _words(new))
    if old == new:
        return
    now, entry = change(site, issue, actor, [item], remote_links=links)
    site.tell("jira:issue_updated", actor, now, change=entry, type_name="issue_updated")


def delete_remote_link(site: Site, issue: Issue, actor: User | None, gone: RemoteLink) -> None:
    """Without the link."""
    links = tuple(each for each in issue.remote_links if each.id != gone.id)
    item = ChangeItem("RemoteIssueLink", "", str(gone.id), _words(gone), None, None)
    now, entry = change(site, issue, actor, [item], remote_links=links)
    site.tell("jira:issue_updated", actor, now, change=entry, type_name="issue_updated")


def _words(link: RemoteLink) -> str:
    """What the changelog calls the link."""
    content = orjson.loads(link.content)
    application = (content.get("application") or {}).get("name") or ANY
    return f'This issue links to "{content["object"]["title"]} ({application})"'
