"""How a request to Jira carries its credential. The secret goes into one header and nowhere else."""

import base64

import requests
from requests.auth import AuthBase


class Basic(AuthBase):
    """Cloud: e-mail and API token; Data Center: user and password. UTF-8, as Jira reads it."""

    def __init__(self, username: str, secret: str) -> None:
        self._header = "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request

    def __repr__(self) -> str:
        return "Basic(...)"  # the header is the secret
