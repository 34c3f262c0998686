"""Files of issues: upload, what is known of them, what is in a ZIP, deletion [jira 5.11]. Their bytes: `files.py`."""

import io
import zipfile
from mimetypes import guess_type
from pathlib import PurePath, PurePosixPath
from typing import Any

from flask import Response, request

from fake_jira.errors import Conflict, FileTooLarge, Forbidden, Hidden, Invalid, NotThere, TooMuch, XsrfBlocked
from fake_jira.flavours import CLOUD
from fake_jira.model import attachments as verbs
from fake_jira.model.records import Attachment, Issue
from fake_jira.model.satellites import located
from fake_jira.rest.files import as_asked, signed_address
from fake_jira.rest.limits import within
from fake_jira.rest.satellite_view import PICTURES, attachment
from fake_jira.rest.scene import may_on, scene, site, user, visible_issue, world
from fake_jira.rest.wire import answer, chapter, done, flag, number, takes

attachments = chapter("attachments")
cloud_attachments = chapter("cloud_attachments", CLOUD)
NO_CHECK = ("no-check", "nocheck")
MOST_FILES = 60  # in one upload
OTHER_ARCHIVES = (".7z", ".bz2", ".gz", ".rar", ".tar", ".tgz", ".xz")
BLANK = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000b49444154789c6360000200000500017a5eab"
    "3f0000000049454e44ae426082"
)  # a PNG of one transparent pixel
ABBREVIATED = 40  # characters of a name


@attachments.post("/issue/<issue_id_or_key>/attachments")
@takes("multipart/form-data")
def add_attachment(issue_id_or_key: str) -> Response:
    """Add attachment: one or several parts named `file`, all of them or none."""
    if request.headers.get("X-Atlassian-Token", "").lower() not in NO_CHECK:
        raise XsrfBlocked
    issue = visible_issue(issue_id_or_key)
    if not may_on("CREATE_ATTACHMENTS", issue):
        raise Forbidden("You do not have permission to create attachments for this issue.")
    parts = request.files.getlist("file")
    if not parts:
        raise Invalid("There is no file in the request: the parts of the form must be named 'file'.")
    if len(parts) > MOST_FILES:
        raise TooMuch(f"At most {MOST_FILES} files can be uploaded at once.")
    within("attachments", len(issue.attachments), len(parts))
    most, files = world().settings.upload_limit, []
    for part in parts:
        name, data = PurePath(part.filename or "file").name, part.read()
        if len(data) > most:
            raise FileTooLarge(f"The file '{name}' exceeds the maximum attachment size of {most} bytes.")
        files.append((name, part.mimetype or guess_type(name)[0] or "application/octet-stream", data))
    made = verbs.attach(site(), issue, user(), files)
    return answer([attachment(scene(), each) for each in made])


@attachments.get("/attachment/meta")
def get_attachment_meta() -> Response:
    """Get Jira attachment settings."""
    return answer({"enabled": True, "uploadLimit": world().settings.upload_limit})


@attachments.get("/attachment/<attachment_id>")
def get_attachment(attachment_id: str) -> Response:
    """Get attachment metadata; here the id is a number."""
    _, each = find(attachment_id)
    return answer(attachment(scene(), each) | {"id": int(each.id), "properties": {}})


@attachments.delete("/attachment/<attachment_id>")
def remove_attachment(attachment_id: str) -> Response:
    """Delete attachment: one's own, or everybody's with the permission for that."""
    issue, each = find(attachment_id)
    who = user()
    own = who is not None and who.account_id == each.author and may_on("DELETE_OWN_ATTACHMENTS", issue)
    if not own and not may_on("DELETE_ALL_ATTACHMENTS", issue):
        raise Forbidden(f"You do not have permission to delete attachment with id: {each.id}")
    verbs.delete_attachment(site(), issue, user(), each)
    return done()


@attachments.get("/attachment/<attachment_id>/expand/human")
def expand_attachment_for_humans(attachment_id: str) -> Response:
    """Get all metadata for an expanded attachment."""
    _, each = find(attachment_id)
    entries = [
        {
            "path": entry["name"],
            "index": entry["entryIndex"],
            "size": _in_words(entry["size"]),
            "mediaType": entry["mediaType"],
            "label": entry["abbreviatedName"],
        }
        for entry in _entries(each)
    ]
    shown = {"id": int(each.id), "name": each.filename, "mediaType": each.mime_type}
    return answer(shown | {"entries": entries, "totalEntryCount": len(entries)})


@attachments.get("/attachment/<attachment_id>/expand/raw")
def expand_attachment_for_machines(attachment_id: str) -> Response:
    """Get contents metadata for an expanded attachment."""
    entries = _entries(find(attachment_id)[1])
    return answer({"entries": entries, "totalEntryCount": len(entries)})


@cloud_attachments.get("/attachment/content/<attachment_id>")
def get_attachment_content(attachment_id: str) -> Response:
    """Get attachment content: by default where it is, with redirect=false the bytes themselves."""
    redirected = flag("redirect", default=True)
    _, each = find(attachment_id)
    if redirected:
        return _elsewhere(each)
    return as_asked(site().state.blobs[each.id], each)


@cloud_attachments.get("/attachment/thumbnail/<attachment_id>")
def get_attachment_thumbnail(attachment_id: str) -> Response:
    """Get attachment thumbnail: the picture itself, not made smaller; for other files a blank one, if that will do."""
    redirected, fallback = flag("redirect", default=True), flag("fallbackToDefault", default=True)
    number("width", 0), number("height", 0)
    _, each = find(attachment_id)
    if each.mime_type not in PICTURES:
        if not fallback:
            raise NotThere(f"There is no thumbnail of the attachment with id: {each.id}")
        return Response(BLANK, content_type="image/png")
    return _elsewhere(each) if redirected else as_asked(site().state.blobs[each.id], each)


def find(attachment_id: str) -> tuple[Issue, Attachment]:
    """The file with its issue. NotThere if missing, Hidden if its issue is."""
    found = located(site().state, "attachments", {attachment_id}).get(attachment_id)
    sentence = f"The attachment with id '{attachment_id}' does not exist"
    if found is None:
        raise NotThere(sentence)
    if not site().state.sees(user(), found[0]):
        raise Hidden(sentence)
    return found


def _elsewhere(each: Attachment) -> Response:
    """The way to the bytes: an address that works for a while and for everybody who has it."""
    answered = done(303)
    answered.headers["Location"] = signed_address(scene().site, each, world().now())
    return answered


def _entries(each: Attachment) -> list[dict[str, Any]]:
    """What is in the archive; nothing if it is none. Conflict for archives that Jira does not read."""
    if each.filename.lower().endswith(OTHER_ARCHIVES):
        raise Conflict(f"The format of the archive '{each.filename}' is not supported.")
    try:
        with zipfile.ZipFile(io.BytesIO(site().state.blobs[each.id])) as archive:
            inside = [one for one in archive.infolist() if not one.is_dir()]
    except zipfile.BadZipFile:
        return []
    return [
        {
            "entryIndex": index,
            "name": one.filename,
            "abbreviatedName": _abbreviated(one.filename),
            "size": one.file_size,
            "mediaType": guess_type(one.filename)[0] or "application/octet-stream",
        }
        for index, one in enumerate(inside)
    ]


def _abbreviated(path: str) -> str:
    if len(path) <= ABBREVIATED:
        return path
    return f"...{PurePosixPath(path).name}"[: ABBREVIATED + 3]


def _in_words(size: int) -> str:
    """Bytes, kB or MB."""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.1f} kB" if size < 1024**2 else f"{size / 1024**2:.1f} MB"
