"""Files of issues. Their bytes are the state's `blobs` [jira 5.11]."""

from fake_jira.model.records import Attachment, ChangeItem, Issue, User
from fake_jira.model.satellites import change, id_of, without
from fake_jira.model.state import Site


def attach(site: Site, issue: Issue, actor: User | None, files: list[tuple[str, str, bytes]]) -> list[Attachment]:
    """Attach files: (name, media type, bytes) each. One entry in the changelog for all of them."""
    at, who = site.now(), id_of(actor)
    made = [Attachment(site.state.next_id("attachment"), name, who, at, len(data), kind) for name, kind, data in files]
    for each, (_, _, data) in zip(made, files, strict=True):
        site.state.blobs[each.id] = data
    items = [ChangeItem("Attachment", "attachment", None, None, each.id, each.filename) for each in made]
    now, entry = change(site, issue, actor, items, attachments=(*issue.attachments, *made))
    for each in made:
        site.tell("attachment_created", actor, now, attachment=each)
    site.tell("jira:issue_updated", actor, now, change=entry, type_name="issue_updated")
    return made


def delete_attachment(site: Site, issue: Issue, actor: User | None, gone: Attachment) -> None:
    """Without the file, and without its bytes."""
    item = ChangeItem("Attachment", "attachment", gone.id, gone.filename, None, None)
    now, entry = change(site, issue, actor, [item], attachments=without(issue.attachments, {gone.id}))
    site.state.blobs.pop(gone.id, None)
    site.tell("attachment_deleted", actor, now, attachment=gone)
    site.tell("jira:issue_updated", actor, now, change=entry, type_name="issue_updated")
