"""Data Center's sessions. The cookie is kept by a session of requests' own, as a browser would keep it."""

import requests

from tests.fake_jira.conftest import DC_ADMIN, Jira
from tests.fake_jira.proof.drives import drives
from tests.fake_jira.proof.watch import watch


@drives("data-center", "login", "currentUser", "logout")
def somebody_signs_in_and_out(jira: Jira) -> None:
    here = f"{jira.url}/rest/auth/1/session"
    name, password = DC_ADMIN
    with requests.Session() as browser:
        watch(browser, jira.url, jira.world, jira.flavour, requests_too=True)
        told = browser.post(here, json={"username": name, "password": password}, timeout=10).json()
        assert told["session"]["name"] == "JSESSIONID"
        assert browser.get(here, timeout=10).json()["name"] == name
        assert browser.delete(here, timeout=10).status_code == 204
        assert browser.get(here, timeout=10).status_code == 401
