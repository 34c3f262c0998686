"""The bytes of attachments, outside of the REST API: signed media addresses on Cloud, /secure on Data Center."""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from flask import Response, redirect, request
from werkzeug.http import parse_range_header

from fake_jira.errors import Invalid
from fake_jira.flavours import CLOUD, DATA_CENTER
from fake_jira.flavours.base import locked
from fake_jira.model.records import Attachment
from fake_jira.model.satellites import located
from fake_jira.rest.scene import site, user, world
from fake_jira.rest.wire import Chapter

LIFE = timedelta(minutes=10)  # of a signed address
_KEY = secrets.token_bytes(32)


def _outside(name: str, only: str) -> Chapter:
    routes = Chapter(name, __name__)
    routes.only = only
    return routes


media = _outside("media", CLOUD)
secure = _outside("secure", DATA_CENTER)
FILES: tuple[Chapter, ...] = (media, secure)


def signed_address(address: str, each: Attachment, now: datetime) -> str:
    """Where everybody can fetch the file until it expires."""
    until = int((now + LIFE).timestamp())
    return f"{address}/media/file/{each.id}/binary?expires={until}&signature={_signature(each.id, until)}"


def _signature(attachment_id: str, until: int) -> str:
    return hmac.new(_KEY, f"{world().name}/{attachment_id}/{until}".encode(), hashlib.sha256).hexdigest()


def as_asked(data: bytes, each: Attachment) -> Response:
    """The bytes, or those of them that the Range header asks for; Invalid if nobody could say which these are."""
    answer = Response(data, content_type=each.mime_type)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(each.filename)}"
    answer.headers["Accept-Ranges"] = "bytes"
    given = request.headers.get("Range")
    if given is None:
        return answer
    asked = parse_range_header(given)
    if asked is None or asked.units != "bytes":
        raise Invalid(f"The range '{given}' cannot be read.")
    span = asked.range_for_length(len(data))
    if span is None:
        return Response(b"", 416, {"Content-Range": f"bytes */{len(data)}"}, content_type=each.mime_type)
    answer.set_data(data[span[0] : span[1]])
    answer.status_code = 206
    answer.headers["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{len(data)}"
    return answer


@media.get("/media/file/<attachment_id>/binary")
@locked
def get_media_file(attachment_id: str) -> Response:
    """What a signed address leads to; no credential is asked for."""
    until, signature = request.args.get("expires", ""), request.args.get("signature", "")
    data = site().state.blobs.get(attachment_id)
    readable = bool(re.fullmatch("[0-9]{1,11}", until))
    good = readable and hmac.compare_digest(signature.encode(), _signature(attachment_id, int(until)).encode())
    if not good or world().now() > datetime.fromtimestamp(int(until), UTC):
        return Response('{"error":{"code":"JwtAuthoriser:TokenExpired"}}', 403, content_type="application/json")
    found = located(site().state, "attachments", {attachment_id}).get(attachment_id)
    if found is None or data is None:
        return Response('{"error":{"code":"NotFound"}}', 404, content_type="application/json")
    return as_asked(data, found[1])


@secure.get("/secure/attachment/<attachment_id>/<name>")
@secure.get("/secure/thumbnail/<attachment_id>/<name>")
@locked
def get_secure_file(attachment_id: str, name: str) -> Response:  # noqa: ARG001 - the id alone counts
    """The file for those who may see its issue; who is not signed in is sent to the login page."""
    found = located(site().state, "attachments", {attachment_id}).get(attachment_id)
    if found is not None and site().state.sees(user(), found[0]):
        return as_asked(site().state.blobs[attachment_id], found[1])
    if user() is None:
        wanted = quote(request.full_path.rstrip("?"), safe="")
        answer = redirect(f"{request.root_path}/login.jsp?permissionViolation=true&os_destination={wanted}")
        return Response(answer.get_data(), 302, answer.headers)
    if found is None:
        return Response("The attachment was not found.", 404, content_type="text/html;charset=UTF-8")
    return Response("You do not have permission to view this attachment.", 403, content_type="text/html;charset=UTF-8")
