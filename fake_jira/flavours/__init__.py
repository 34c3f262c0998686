"""What differs between Jira Cloud and Data Center: bodies of errors, headers, limits. One module per flavour.

Routes raise errors in our words and never ask which flavour they serve.
"""

from collections.abc import Mapping
from typing import Protocol

from flask import Request, Response

from fake_jira.auth.basic import Caller
from fake_jira.errors import JiraError


class Flavour(Protocol):
    """What a flavour's module offers."""

    def failure(self, error: JiraError) -> Response:
        """The answer for an error of ours."""

    def no_endpoint(self, request: Request) -> Response:
        """The answer where there is no such route."""

    def wrong_method(self, request: Request, allowed: list[str]) -> Response:
        """The answer where the route has other methods."""

    def headers(self, caller: Caller) -> Mapping[str, str]:
        """What every answer carries besides its own headers."""

    def screen(self, request: Request) -> Response | None:
        """The answer to what is turned away before anybody asks who is calling; None lets the request in."""
