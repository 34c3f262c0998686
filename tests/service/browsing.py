"""A person at a browser, as far as a consent goes: logs in at the fake, and says yes or no on its page."""

import html
import re
from urllib.parse import parse_qsl, urlsplit

import requests

LOGIN = ("admin@example.com", "admin-token")
DATA_CENTER_LOGIN = ("admin", "admin")


def at_cloud(address: str, *, accept: bool = True, site: str = "") -> dict[str, str]:
    """What the callback hears after a decision on Cloud's consent page; `site` as the page calls it."""
    root = address.partition("/authorize")[0]
    with requests.Session() as browser:
        email, password = LOGIN
        browser.post(f"{root}/login", data={"email": email, "password": password}, allow_redirects=False, timeout=10)
        page = browser.get(address, allow_redirects=False, timeout=10)
        assert page.status_code == 200, page.headers["Location"]
        fields = _hidden(page.text) | {"decision": "accept" if accept else "cancel", "site": site}
        return _heard(browser.post(f"{root}/authorize", data=fields, allow_redirects=False, timeout=10))


def at_data_center(address: str, *, accept: bool = True) -> dict[str, str]:
    """The same at Data Center, for OAuth 1.0a and 2.0."""
    with requests.Session() as browser:
        page = browser.get(address, auth=DATA_CENTER_LOGIN, timeout=10)
        fields = _hidden(page.text) | {"approve" if accept else "deny": "x"}
        return _heard(browser.post(page.url.partition("?")[0], data=fields, allow_redirects=False, timeout=10))


def _hidden(page: str) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page.rpartition("<form")[2])
    return {html.unescape(name): html.unescape(value) for name, value in found}


def _heard(sent: requests.Response) -> dict[str, str]:
    assert sent.status_code == 302, sent.text
    return dict(parse_qsl(urlsplit(sent.headers["Location"]).query))
