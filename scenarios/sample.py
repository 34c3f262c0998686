"""Believable resources and violations for the demo, around the issues that a fake Jira holds.

The same issues and seed give the same document, in the shape that the service imports. Asks nobody anything.
"""

import random
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from faker import Faker

FINDING = re.compile(r"(?P<cve>CVE-\d+-\d+) in (?P<library>\S+) (?P<version>\S+)")
"""How the fake's security project names what was found."""

PRODUCTS = ("payments", "catalog", "identity", "invoicing", "search", "notifications", "shipping", "reporting")
WEAKNESSES = (
    "allows remote code execution by crafted input",
    "leaks memory contents to other users",
    "can be made to loop for ever by a nested document",
    "does not check the host name of certificates",
    "follows links out of the upload folder",
    "lets anybody read the headers of other requests",
)
WATCHES = ("production-images", "release-gate", "nightly-builds")
LICENSES = ("GPL-3.0", "AGPL-3.0", "SSPL-1.0", "LGPL-2.1")
SEVERITIES = ("Critical", "High", "High", "Medium", "Medium", "Low")
PACKAGES = (("docker-prod-local", "docker"), ("libs-release-local", "maven"), ("npm-prod-local", "npm"))
KINDS = ("utils", "parser", "client", "core", "forms", "charts")
WITHOUT_TICKET = 4  # one violation in so many has no ticket yet


def document(issues: Sequence[dict[str, Any]], integration: str, seed: int) -> dict[str, Any]:
    """An import document: a dozen resources whose violations have all of `issues` as their tickets.

    `issues` are as the fake's control API lists them: id, key, summary, created.
    """
    dice = random.Random(seed)  # noqa: S311 - sample data, not secrets
    fake = Faker("en_US")
    fake.seed_instance(seed)
    resources = _resources(fake, dice)
    findings = [issue for issue in issues if FINDING.search(issue["summary"])]
    chores = [issue for issue in issues if not FINDING.search(issue["summary"])]
    places = cycle(resources)
    for number, issue in enumerate(findings):
        # some findings have a second ticket: the chore in which somebody carries the fix out
        second = [chores.pop()] if chores and number % 3 == 0 else []
        next(places)["violations"].append(_vulnerability(dice, issue, [issue, *second], integration))
    for number, issue in enumerate(chores):
        violation = (_licence if number % 2 else _risk)(fake, dice, [issue], integration)
        next(places)["violations"].append(violation)
    for number in range(len(findings) // WITHOUT_TICKET):
        next(places)["violations"].append((_risk if number % 2 else _licence)(fake, dice, [], integration))
    return {"resources": resources}


def to_delete(issues: Sequence[dict[str, Any]], now: datetime, count: int) -> list[str]:
    """Keys of `count` issues that somebody has deleted: young enough to be asked for, so that it is noticed."""
    young = [issue["key"] for issue in issues if datetime.fromisoformat(issue["created"]) > now - timedelta(days=300)]
    return young[:: max(1, len(young) // count)][:count] if young else []


def _resources(fake: Faker, dice: random.Random) -> list[dict[str, Any]]:
    company = fake.domain_word()
    names = dice.sample(PRODUCTS, 6)
    found: list[dict[str, Any]] = []
    for name, (repo, package_type) in zip(names, cycle(PACKAGES), strict=False):
        version = _version(dice)
        file, path = {
            "docker": (f"{name}:{version}", f"{name}/{version}/manifest.json"),
            "maven": (f"{name}-{version}.jar", f"com/{company}/{name}/{version}/{name}-{version}.jar"),
            "npm": (f"{name}-{version}.tgz", f"@{company}/{name}/-/{name}-{version}.tgz"),
        }[package_type]
        found.append(
            {
                "type": "artifact",
                "name": file,
                "repo": repo,
                "path": path,
                "package_type": package_type,
                "violations": [],
            }
        )
    for name in names[:4]:
        number = str(dice.randint(100, 999))
        found.append({"type": "build", "name": f"{name}-build", "number": number, "violations": []})
    for name in names[:2]:
        found.append({"type": "release_bundle", "name": f"{name}-bundle", "version": _version(dice), "violations": []})
    return found


def _vulnerability(
    dice: random.Random, issue: dict[str, Any], tickets: Iterable[dict[str, Any]], integration: str
) -> dict[str, Any]:
    found = FINDING.search(issue["summary"])
    assert found is not None  # noqa: S101 - the caller chose by it
    library, version = found["library"], found["version"]
    return {
        "issue_id": f"XRAY-{dice.randint(100000, 999999)}",
        "type": "Security",
        "severity": dice.choice(SEVERITIES),
        "watch_name": dice.choice(WATCHES),
        "summary": f"{found['cve']}: {library} before {version}.1 {dice.choice(WEAKNESSES)}",
        "description": f"{library} {version} is affected by {found['cve']}. Update to {version}.1 or later.",
        "created": issue["created"],
        "cves": [found["cve"]],
        "infected_components": [f"generic://{library}:{version}"],
        "tickets": _tickets(tickets, integration),
    }


def _licence(fake: Faker, dice: random.Random, tickets: list[dict[str, Any]], integration: str) -> dict[str, Any]:
    licence = dice.choice(LICENSES)
    return {
        "issue_id": licence,
        "type": "License",
        "severity": "Medium",
        "watch_name": dice.choice(WATCHES),
        "summary": f"The licence {licence} is not on the allowed list",
        "description": "Replace the component, or have its use approved by the legal department.",
        **_since(tickets),
        "infected_components": [f"npm://{_library(fake, dice)}:{_version(dice)}"],
        "tickets": _tickets(tickets, integration),
    }


def _risk(fake: Faker, dice: random.Random, tickets: list[dict[str, Any]], integration: str) -> dict[str, Any]:
    years = dice.randint(2, 6)
    return {
        "issue_id": f"EXP-{dice.randint(1000, 9999)}-00001",
        "type": "Operational_Risk",
        "severity": dice.choice(("Medium", "Low")),
        "watch_name": dice.choice(WATCHES),
        "summary": f"No release for {years} years",
        "description": f"Nobody has maintained this component for {years} years.",
        **_since(tickets),
        "infected_components": [f"pypi://{_library(fake, dice)}:{_version(dice)}"],
        "tickets": _tickets(tickets, integration),
    }


def _since(tickets: list[dict[str, Any]]) -> dict[str, str]:
    """A violation is as old as its first ticket."""
    return {"created": min(ticket["created"] for ticket in tickets)} if tickets else {}


def _tickets(issues: Iterable[dict[str, Any]], integration: str) -> list[dict[str, str]]:
    return [
        {"integration": integration, "issue_id": issue["id"], "key": issue["key"], "created": issue["created"]}
        for issue in sorted(issues, key=lambda issue: issue["created"])
    ]


def _library(fake: Faker, dice: random.Random) -> str:
    return f"{fake.unique.domain_word()}-{dice.choice(KINDS)}"


def _version(dice: random.Random) -> str:
    return f"{dice.randint(1, 5)}.{dice.randint(0, 20)}.{dice.randint(0, 9)}"
