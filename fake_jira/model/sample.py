"""Believable sample data: issues by Faker, the same for the same seed, spread over the last fourteen months.

Words come from pools drawn once, so that 50,000 issues take seconds. Histories are written as they would have come
about: people pick an issue up, hand it to review, finish it, and say something on the way.
"""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from fake_jira.model.history import changed_items
from fake_jira.model.people import add_user
from fake_jira.model.records import Change, Comment, Issue, Project, RichText
from fake_jira.model.state import Site

SPAN = relativedelta(months=14)
PEOPLE = 12
PATH = ("10000", "10001", "10002", "10003")  # To Do, In Progress, In Review, Done
LIBRARIES = (
    "log4j-core", "jackson-databind", "spring-web", "openssl", "zlib", "curl", "lodash", "axios", "requests", "urllib3",
    "netty-codec", "commons-text", "guava", "sqlite", "libxml2", "protobuf", "golang.org/x/net", "snakeyaml", "express",
)  # fmt: skip
PARTS = ("checkout", "login page", "invoice export", "search box", "nightly build", "audit log", "gateway")
CHORES = ("Speed up the {}", "Fix rounding in the {}", "Document the {}", "{} fails on Fridays")
LABELS = ("backend", "frontend", "security", "tech-debt", "customer", "quick-win")


@dataclass(frozen=True)
class Pools:
    """What an issue is put together from."""

    people: list[str]
    paragraphs: list[str]
    remarks: list[str]


def sow(site: Site, seed: int, count: int) -> None:
    """Add `count` issues, at random over the projects of the site, with people who work on them."""
    dice = random.Random(seed)  # noqa: S311  (sample data, not secrets)
    pools = _pools(site, seed, dice)
    end = site.now()
    start = end - SPAN
    instants = sorted(start + (end - start) * dice.random() for _ in range(count))
    projects = list(site.state.projects)
    numbers = {project_id: site.state.projects[project_id].last_number for project_id in projects}
    grown = []
    for instant in instants:
        project = site.state.projects[dice.choice(projects)]
        numbers[project.id] += 1
        born = _born(site, dice, pools, (project, f"{project.key}-{numbers[project.id]}"), _whole(instant))
        issue = _grown(site, dice, pools, born, end)
        site.state.issues[issue.id] = issue
        site.state.keys[issue.key] = issue.id
        grown.append(issue)
    for project_id, number in numbers.items():
        site.state.projects[project_id] = replace(site.state.projects[project_id], last_number=number)
    site.state.index.load(grown)
    site.state.renamed()


def _pools(site: Site, seed: int, dice: random.Random) -> Pools:
    from faker import Faker  # noqa: PLC0415 - a tenth of the time that the server takes to start

    fake = Faker("en_US")
    fake.seed_instance(seed)
    people: list[str] = []
    while len(people) < PEOPLE:
        email = f"{fake.unique.user_name()}@example.com"
        known = site.state.user(email)
        user = known or add_user(site, email, fake.name(), f"sample-{dice.getrandbits(64):016x}")
        people.append(user.account_id)
    return Pools(people, [fake.paragraph(4) for _ in range(200)], [fake.sentence(9) for _ in range(200)])


def _born(site: Site, dice: random.Random, pools: Pools, place: tuple[Project, str], at: datetime) -> Issue:
    project, key = place
    security = project.key == "SEC"
    reporter = dice.choice(pools.people)
    return Issue(
        id=site.state.next_id("issue"),
        key=key,
        project_id=project.id,
        type_id=dice.choice(("10003", "10002") if security else ("10001", "10002", "10002", "10003")),
        status_id=project.workflow.initial_status,
        summary=_summary(dice, at, security=security),
        created=at,
        updated=at,
        category_changed=at,
        creator=reporter,
        reporter=reporter,
        priority_id=dice.choice("1223334445"),
        labels=tuple(sorted(dice.sample(LABELS, dice.choice((0, 0, 1, 2))))),
        description=RichText(f"{dice.choice(pools.paragraphs)}\n\n{dice.choice(pools.paragraphs)}"),
        due=(at + timedelta(days=dice.randint(7, 90))).date() if dice.random() < 0.3 else None,
    )


def _summary(dice: random.Random, at: datetime, *, security: bool) -> str:
    if security:
        version = f"{dice.randint(0, 5)}.{dice.randint(0, 20)}.{dice.randint(0, 9)}"
        return f"CVE-{at.year}-{dice.randint(1000, 49999)} in {dice.choice(LIBRARIES)} {version}"
    text = dice.choice(CHORES).format(dice.choice(PARTS))
    return text[0].upper() + text[1:]


def _grown(site: Site, dice: random.Random, pools: Pools, issue: Issue, end: datetime) -> Issue:
    """The issue after a random part of the way to Done, as far as time allows."""
    steps = dice.choice((0, 0, 1, 1, 2, 3, 3, 3))
    at = issue.created
    if steps:
        at += timedelta(hours=dice.expovariate(1 / 20))
        issue = _changed(site, issue, _whole(min(at, end)), {"assignee": dice.choice(pools.people)})
    for status in PATH[1 : steps + 1]:
        at = _whole(at + timedelta(hours=dice.expovariate(1 / 90)))
        if at > end:
            break
        if dice.random() < 0.3:
            issue = _remarked(site, dice, pools, issue, at)
        issue = _changed(site, issue, at, _arrived(site, issue, status, at))
    return issue


def _arrived(site: Site, issue: Issue, status: str, at: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"status_id": status}
    if site.state.statuses[status].category_id != site.state.statuses[issue.status_id].category_id:
        values["category_changed"] = at
    if status == PATH[-1]:
        values |= {"resolution_id": next(iter(site.state.resolutions)), "resolved": at}
    return values


def _changed(site: Site, issue: Issue, at: datetime, values: dict[str, Any]) -> Issue:
    author = issue.assignee or str(values.get("assignee") or issue.reporter)
    entry = Change(site.state.next_id("change"), author, at, changed_items(site.state, issue, values))
    return replace(issue, updated=at, history=(*issue.history, entry), **values)


def _remarked(site: Site, dice: random.Random, pools: Pools, issue: Issue, at: datetime) -> Issue:
    author = dice.choice(pools.people)
    remark = Comment(site.state.next_id("comment"), author, RichText(dice.choice(pools.remarks)), at, at, author)
    return replace(issue, updated=at, comments=(*issue.comments, remark))


def _whole(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
