"""A login page, sent as 200: what a sign-on front end or an expired session makes of an API call. [jira 2.10]"""

from dataclasses import dataclass

from flask import Response

from fake_jira.faults.base import RequestFault
from fake_jira.faults.hit import Hit

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Log in to continue - Log in with Atlassian account</title></head>
<body><main><h1>Log in to continue</h1>
<form method="post" action="/login"><label>Email <input type="email" name="username" autocomplete="username"></label>
<button type="submit">Continue</button></form></main></body></html>
"""


@dataclass(frozen=True, kw_only=True)
class LoginPage(RequestFault):
    """200 with text/html. A client that does not look at the content type takes it for an answer."""

    name = "login_page"

    def answer(self, hit: Hit) -> Response:  # noqa: ARG002 - the same page for everybody
        return Response(PAGE, content_type="text/html;charset=UTF-8")
