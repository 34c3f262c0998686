"""Where the number of a ticket leads a person: to the page of the issue, here a fake Jira's."""

import pytest
from playwright.sync_api import Browser, Page, expect

from fake_jira.client import FakeJiraClient
from tests.service.web.conftest import Service


def test_the_number_of_a_ticket_leads_to_the_page_of_its_issue(
    admin: Page, service: Service, stock: str, world: FakeJiraClient
) -> None:
    admin.goto(f"{service.url}/violations/{stock}")
    with admin.expect_popup() as opened:
        admin.get_by_role("link", name="SEC-1").click()
    issue = opened.value
    expect(issue.get_by_role("heading", level=1)).to_contain_text("XRAY-94620 | gav://log4j")
    expect(issue.locator(".status")).to_have_text("To Do")
    world.move("SEC-1", "TEST")
    issue.reload()
    expect(issue).to_have_url(f"{service.jira_url}/browse/TEST-1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_an_issue_reads_well_wide_and_narrow_by_day_and_by_night(
    browser: Browser, world: FakeJiraClient, jira_url: str, width: int, scheme: str
) -> None:
    world.seed(7, 3)
    long = world.issue("SEC", summary="w" * 250)
    by = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = by.new_page()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    for key in [issue["key"] for issue in world.issues()] + [long["key"]]:
        page.goto(f"{jira_url}/browse/{key}")
        for box in page.locator("main, .card, dd, li, time").all():
            around = box.bounding_box()
            inside = box.evaluate("each => each.scrollWidth - each.clientWidth") if box.evaluate(BLOCK) else 0
            assert around is not None
            assert around["x"] >= 0
            assert around["x"] + around["width"] <= width
            assert inside <= 0, f"something sticks out of {box}"
        expect(page.locator("body")).to_have_css("background-color", BACKGROUNDS[scheme])
    by.close()
    assert trouble == []


BLOCK = "each => getComputedStyle(each).display !== 'inline'"
BACKGROUNDS = {"light": "rgb(247, 246, 250)", "dark": "rgb(21, 19, 27)"}
