"""Files of issues: how they come in, where their bytes are, and who may fetch them [jira 5.11]."""

import io
import zipfile
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.fake_jira.conftest import Jira
from tests.fake_jira.people import admin, member, viewer

NO_CHECK = {"X-Atlassian-Token": "no-check"}
TEXT = ("a b.txt", b"0123456789", "text/plain")


def attach(jira: Jira, key: str, *files: tuple[str, bytes, str], **more: Any) -> requests.Response:
    parts = [("file", each) for each in files or (TEXT,)]
    return jira.call("POST", f"issue/{key}/attachments", files=parts, **{"headers": NO_CHECK} | more)


def test_several_files_are_attached_at_once_and_shown_with_the_issue(either: Jira) -> None:
    key = either.create()
    answer = attach(either, key, TEXT, ("dot.png", b"png", "image/png"))
    assert answer.status_code == 200
    text, picture = answer.json()
    assert (text["filename"], text["size"], text["mimeType"], "thumbnail" in text) == (
        "a b.txt",
        10,
        "text/plain",
        False,
    )
    assert "thumbnail" in picture
    assert either.get(f"issue/{key}?fields=attachment").json()["fields"]["attachment"] == [text, picture]
    assert either.get(f"attachment/{text['id']}").json()["id"] == int(text["id"])


def test_an_upload_must_say_that_no_page_tricked_a_browser(either: Jira) -> None:
    answer = attach(either, either.create(), headers={})
    assert (answer.status_code, answer.text) == (404 if either.flavour == "cloud" else 403, "XSRF check failed")


def test_another_content_type_is_no_upload(either: Jira) -> None:
    answer = either.call("POST", f"issue/{either.create()}/attachments", json={}, headers=NO_CHECK)
    assert answer.status_code == 415


def test_a_form_without_files_is_refused(either: Jira) -> None:
    key = either.create()
    answer = either.call("POST", f"issue/{key}/attachments", files=[("other", TEXT)], headers=NO_CHECK)
    assert answer.status_code == 400
    assert "'file'" in answer.json()["errorMessages"][0]


def test_a_file_that_is_too_large_takes_none_of_the_others_in(either: Jira) -> None:
    key = either.create()
    either.world.settings = either.world.settings.changed(upload_limit=9)
    assert either.get("attachment/meta").json() == {"enabled": True, "uploadLimit": 9}
    answer = attach(either, key, ("small", b"x", "text/plain"), TEXT)
    assert answer.status_code == (413 if either.flavour == "cloud" else 404)
    assert either.get(f"issue/{key}").json()["fields"]["attachment"] == []


def test_sixty_files_are_the_most_of_one_upload(jira: Jira) -> None:
    assert attach(jira, jira.create(), *[TEXT] * 61).status_code == 413


def test_an_issue_that_is_full_takes_no_more_files_on_cloud(either: Jira) -> None:
    key = either.create()
    either.world.settings = either.world.settings.changed(attachments_per_issue=1)
    assert attach(either, key, TEXT, TEXT).status_code == (413 if either.flavour == "cloud" else 200)


def test_the_content_is_at_a_signed_address_for_a_while(jira: Jira) -> None:
    content = attach(jira, jira.create()).json()[0]["content"]
    answer = jira.session.get(content, auth=admin(jira), allow_redirects=False)
    assert (answer.status_code, answer.content) == (303, b"")
    signed = answer.headers["Location"]
    assert requests.get(signed, timeout=10).content == b"0123456789"
    forged = signed.replace("expires=", "expires=9")
    assert requests.get(forged, timeout=10).status_code == 403
    assert requests.get(signed.replace("expires=", f"expires={'9' * 5000}"), timeout=10).status_code == 403
    jira.world.clock.advance(timedelta(seconds=601))
    assert requests.get(signed, timeout=10).status_code == 403


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=20-", 416, b""),
        ("bytes=x", 400, None),
        ("lines=1-2", 400, None),
    ],
)
def test_a_part_of_the_content_is_asked_for_by_range(jira: Jira, asked: str, status: int, content: bytes) -> None:
    attachment = attach(jira, jira.create()).json()[0]["id"]
    answer = jira.get(f"attachment/content/{attachment}?redirect=false", headers={"Range": asked})
    assert answer.status_code == status
    assert content is None or answer.content == content
    if status == 416:
        assert answer.headers["Content-Range"] == "bytes */10"


def test_a_thumbnail_is_the_picture_or_a_blank_one(jira: Jira) -> None:
    key = jira.create()
    text, picture = (each["id"] for each in attach(jira, key, TEXT, ("dot.png", b"png", "image/png")).json())
    assert jira.get(f"attachment/thumbnail/{picture}?redirect=false").content == b"png"
    assert jira.get(f"attachment/thumbnail/{text}").headers["Content-Type"] == "image/png"
    assert jira.get(f"attachment/thumbnail/{text}?fallbackToDefault=false").status_code == 404


def test_data_center_serves_files_by_id_and_name_to_who_is_signed_in(data_center: Jira) -> None:
    content = attach(data_center, data_center.create()).json()[0]["content"]
    assert urlsplit(content).path.endswith("/a%20b.txt")
    answer = data_center.session.get(content, auth=admin(data_center))
    assert (answer.status_code, answer.content) == (200, b"0123456789")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20b.txt"
    stranger = requests.get(content, allow_redirects=False, timeout=10)
    assert stranger.status_code == 302
    assert "/login.jsp?permissionViolation=true&os_destination=%2F" in stranger.headers["Location"]
    missing = content.replace("/attachment/10", "/attachment/99")
    assert data_center.session.get(missing, auth=admin(data_center)).status_code == 404
    part = data_center.session.get(content, auth=admin(data_center), headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.content) == (206, b"01")


def test_members_delete_their_own_files_and_viewers_attach_none(either: Jira) -> None:
    key = either.create()
    auth, _ = member(either)
    foreign, own = attach(either, key).json()[0]["id"], attach(either, key, auth=auth).json()[0]["id"]
    assert attach(either, key, auth=viewer(either)).status_code == 403
    assert either.delete(f"attachment/{foreign}", auth=auth).status_code == 403
    assert either.delete(f"attachment/{own}", auth=auth).status_code == 204
    assert either.get(f"attachment/{own}").status_code == 404
    assert either.world.state.blobs.keys() == {foreign}


def test_a_file_of_a_hidden_issue_is_hidden(either: Jira) -> None:
    attachment = attach(either, either.create()).json()[0]["id"]
    answer = either.get(f"attachment/{attachment}", auth=None)
    assert answer.status_code in ((404,) if either.flavour == "cloud" else (401, 403))
    assert either.get("attachment/99").status_code == 404


def test_the_changelog_tells_of_files_that_came_and_went(jira: Jira) -> None:
    key = jira.create()
    attachment = attach(jira, key).json()[0]["id"]
    jira.delete(f"attachment/{attachment}")
    items = [each["items"][0] for each in jira.get(f"issue/{key}/changelog").json()["values"]]
    assert [(each["field"], each["to"], each["toString"]) for each in items] == [
        ("Attachment", attachment, "a b.txt"),
        ("Attachment", None, None),
    ]


def test_what_is_in_an_archive_is_told_and_other_formats_are_refused(either: Jira) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("folder/one.txt", "x" * 2048)
        packed.writestr("empty/", "")
    key = either.create()
    files = (("a.zip", archive.getvalue(), "application/zip"), TEXT, ("b.tar", b"", "application/x-tar"))
    zipped, text, tar = (each["id"] for each in attach(either, key, *files).json())
    human = either.get(f"attachment/{zipped}/expand/human").json()
    assert (human["name"], human["totalEntryCount"]) == ("a.zip", 1)
    assert (human["entries"][0]["path"], human["entries"][0]["size"]) == ("folder/one.txt", "2.0 kB")
    raw = either.get(f"attachment/{zipped}/expand/raw").json()["entries"]
    assert [(each["name"], each["size"], each["mediaType"]) for each in raw] == [("folder/one.txt", 2048, "text/plain")]
    assert either.get(f"attachment/{text}/expand/raw").json() == {"entries": [], "totalEntryCount": 0}
    assert either.get(f"attachment/{tar}/expand/raw").status_code == 409


def test_files_are_kept_over_a_fork_of_the_world(jira: Jira) -> None:
    attachment = attach(jira, jira.create()).json()[0]["id"]
    copied = jira.world.state.copy()
    jira.delete(f"attachment/{attachment}")
    assert copied.blobs == {attachment: b"0123456789"}
