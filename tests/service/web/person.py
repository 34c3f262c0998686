"""A person at Jira without a browser: follows an authorisation address to its consent page, logs in, and decides."""

import html
import re
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

LOGINS = {
    "email": {"email": "admin@example.com", "password": "admin-token"},
    "os_username": {"os_username": "admin", "os_password": "admin", "login": "Log In"},
}
DECISIONS = {  # a button of the consent page -> what pressing no and yes sends
    "decision": ({"decision": "cancel"}, {"decision": "accept"}),
    "approve": ({"deny": "Deny"}, {"approve": "Allow"}),
}


def decide(authorization_url: str, callback: str, *, agrees: bool = True, **more: str) -> dict[str, str]:
    """What the browser brings back to `callback`. `more` is filled in at the consent page, such as the site."""
    session = requests.Session()
    page = session.get(authorization_url, timeout=10)
    for _ in range(5):
        action, form = re.findall(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', page.text, re.DOTALL)[-1]
        login = next((typed for name, typed in LOGINS.items() if f'name="{name}"' in form), None)
        decision = next((pressed[agrees] for name, pressed in DECISIONS.items() if f'name="{name}"' in form), {})
        given = dict(_hidden(form)) | (login or decision | more)
        answer = session.post(urljoin(page.url, html.unescape(action)), data=given, timeout=10, allow_redirects=False)
        assert answer.is_redirect, answer.text
        goes_to = urljoin(answer.url, answer.headers["Location"])
        if goes_to.startswith(callback):
            return dict(parse_qsl(urlsplit(goes_to).query))
        page = session.get(goes_to, timeout=10)
    raise AssertionError(f"{page.url} leads nowhere")


def _hidden(page: str) -> list[tuple[str, str]]:
    return [
        (name, html.unescape(value))
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    ]
