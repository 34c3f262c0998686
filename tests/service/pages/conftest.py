"""Pages of a real service in a real Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.service.web.conftest import Service, service, stock

__all__ = ["service", "stock"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of nobody. A script that fails, or a policy that is broken, fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, timezone_id="Asia/Kolkata")
    opened = context.new_page()
    trouble: list[str] = []
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("console", lambda message: trouble.append(message.text) if "Content Security" in message.text else None)
    yield opened
    context.close()
    assert trouble == []


def log_in(page: Page, service: Service, name: str = "admin", token: str | None = None) -> None:
    page.goto(f"{service.url}/login")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Token").fill(token or service.token)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/scans")


@pytest.fixture
def admin(page: Page, service: Service) -> Page:
    """A page of the admin."""
    log_in(page, service)
    return page
