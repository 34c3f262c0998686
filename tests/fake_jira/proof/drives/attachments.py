"""Files on issues."""

import io
import zipfile

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives

NO_CHECK = {"X-Atlassian-Token": "no-check"}


def _attach(jira: Jira, name: str, content: bytes, kind: str = "text/plain") -> str:
    path = f"issue/{jira.create()}/attachments"
    answer = jira.call("POST", path, files={"file": (name, content, kind)}, headers=NO_CHECK)
    assert answer.status_code == 200, answer.text
    return str(answer.json()[0]["id"])


@drives("cloud", "data-center", "addAttachment", "getAttachmentMeta", "getAttachment", "removeAttachment")
def a_file_is_attached_and_removed(jira: Jira) -> None:
    assert jira.get("attachment/meta").json()["enabled"]
    mine = f"attachment/{_attach(jira, 'notes.txt', b'Some notes')}"
    assert jira.get(mine).json()["filename"] == "notes.txt"
    assert jira.delete(mine).status_code == 204
    assert jira.get(mine).status_code == 404


@drives("cloud", "getAttachmentContent", "getAttachmentThumbnail")
def a_file_is_read(jira: Jira) -> None:
    identity = _attach(jira, "notes.txt", b"Some notes")
    assert jira.get(f"attachment/content/{identity}").content == b"Some notes"
    part = jira.get(f"attachment/content/{identity}?redirect=false", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"Some")
    picture = _attach(jira, "dot.png", PNG, "image/png")
    assert jira.get(f"attachment/thumbnail/{picture}?redirect=false").headers["Content-Type"] == "image/png"


@drives("cloud", "data-center", "expandAttachmentForHumans", "expandAttachmentForMachines")
def an_archive_shows_what_is_in_it(jira: Jira) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("notes.txt", "Some notes")
    identity = _attach(jira, "notes.zip", archive.getvalue(), "application/zip")
    assert jira.get(f"attachment/{identity}/expand/human").json()["entries"][0]["path"] == "notes.txt"
    assert jira.get(f"attachment/{identity}/expand/raw").json()["totalEntryCount"] == 1


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63606060f8"
    "0f00010401005fe5c34b0000000049454e44ae426082"
)
