"""The pictures of the README and of docs/, taken from a demo of its own: `.venv/bin/python docs/take_pictures.py`.

Run by hand after a change of the pages. The demo lives in a temporary folder and on free ports, and only its printed
addresses are used, as a reader would.
"""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from urllib.parse import urlencode

import requests
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
CHECK = "/xray/api/v1/ticketing/integrations/status/check"
INTEGRATION, JIRA_USER = "jira-demo", "admin@example.com"  # as the demo makes them
VIEWPORT: ViewportSize = {"width": 1280, "height": 760}
SMALL: ViewportSize = {"width": 900, "height": 640}
SCOPES = ["read:jira-work", "write:jira-work", "read:jira-user", "offline_access"]
CALLBACK = "http://127.0.0.1:9/callback"
LARGEST = 150_000  # bytes; a README should open at once


@dataclass(frozen=True)
class Demo:
    """A running demo, by what it has printed."""

    service: str
    control: str
    token: str

    @classmethod
    def said(cls, text: str) -> Self:
        patterns = (r"Service +(http\S+)/\n", r"control API (http\S+)/\)", r"Token (\S+)")
        found = [re.search(pattern, text) for pattern in patterns]
        service, control, token = [
            match[1] if match else sys.exit(f"The demo did not start:\n{text}") for match in found
        ]
        return cls(service, control, token)

    def expire_token(self) -> None:
        """Jira's API token runs out, and the service notices by a status check."""
        with requests.Session() as http:
            http.trust_env = False
            fault = {"fault": "expired_token", "user": JIRA_USER}
            http.post(f"{self.control}/faults", json=fault, timeout=30).raise_for_status()
            http.headers["Authorization"] = f"Bearer {self.token}"
            answer = http.get(self.service + CHECK, params={"integrationName": INTEGRATION}, timeout=30)
            answer.raise_for_status()


@contextmanager
def demo() -> Iterator[Demo]:
    """A demo that has retrieved its statuses."""
    with TemporaryDirectory() as folder:
        options = ["--folder", folder, "--port", "0", "--jira-port", "0"]
        command = [sys.executable, "-m", "scenarios.demo", *options]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            said = ""
            for line in process.stdout or ():
                said += line
                if "Ctrl-C" in line:
                    break
            try:
                yield Demo.said(said)
            finally:
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=30)


def open_violations(page: Page, running: Demo) -> None:
    """Logs in, and opens the first artifact of the scans list."""
    page.goto(f"{running.service}/login")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Token").fill(running.token)
    page.get_by_role("button", name="Log in").click()
    page.locator("main tbody a").first.click()
    expect(page.locator("main tbody .dot").first).to_be_visible()


def open_consent(page: Page, running: Demo) -> None:
    """Makes an app, signs in at the fake Jira, and is asked whether the app may come in."""
    with requests.Session() as http:
        http.trust_env = False
        site = http.get(f"{running.control}/", timeout=30).json()["url"]
        wanted = {"name": "Ticket status", "scopes": SCOPES, "callbacks": [CALLBACK], "distributed": True}
        made = http.post(f"{running.control}/apps", json=wanted, timeout=30).json()
    asked = {
        "audience": "api.atlassian.com",
        "client_id": made["client_id"],
        "scope": " ".join(SCOPES),
        "redirect_uri": CALLBACK,
        "state": "any",
        "response_type": "code",
        "prompt": "consent",
    }
    page.goto(f"{site}/authorize?{urlencode(asked)}")
    page.locator("input[name=email]").fill(JIRA_USER)
    page.locator("input[type=password]").fill("admin-token")
    page.locator("input[type=password]").press("Enter")
    expect(page.get_by_role("button", name="Accept")).to_be_visible()


def take(page: Page, name: str) -> None:
    file = PICTURES / name
    page.screenshot(path=file)
    size = file.stat().st_size
    print(f"{file.relative_to(ROOT)}: {size} bytes")
    if size > LARGEST:
        sys.exit(f"{name} is larger than {LARGEST} bytes.")


def main() -> None:
    """All pictures anew."""
    PICTURES.mkdir(exist_ok=True)
    with demo() as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=VIEWPORT, color_scheme="light", locale="en-GB", timezone_id="UTC")
        open_violations(page, running)
        take(page, "violations.png")
        open_consent(asked := browser.new_page(viewport=SMALL, color_scheme="light"), running)
        take(asked, "consent.png")
        running.expire_token()
        page.reload()
        expect(page.locator("main tbody .dot-unknown")).not_to_have_count(0)
        expect(page.locator("main tbody .dot:not(.dot-unknown)")).to_have_count(0)
        take(page, "broken.png")
        browser.close()


if __name__ == "__main__":
    main()
