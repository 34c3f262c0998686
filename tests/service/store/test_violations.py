"""The search of `POST /violations`, and the lists of the pages."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from service.store import resources, violations
from service.store.database import Store
from service.store.resources import ResourceType, Scanned
from service.store.violations import Filters, ResourceFilter, Severity, ViolationType
from tests.service.store.shelf import NOW, SECOND, add_integration, add_resource, add_ticket, add_violation


def fill(c: Connection) -> None:
    """Four violations in three resources: one of each kind, and one that differs only in its severity and age."""
    jar = add_resource(c, "app.jar", repo="libs", path="org/app.jar")
    build = add_resource(c, "nightly", "build", number="7")
    bundle = add_resource(c, "suite", "release_bundle", version="1.0")
    add_violation(c, jar, "XRAY-1", public_id="v1", summary="Log4Shell", cves=("CVE-2021-44228", "CVE-2021-45046"),
                  severity="Critical", created_at=NOW)  # fmt: skip
    add_violation(c, jar, "XRAY-2", public_id="v2", summary="100% of a thing", cves=("CVE-2021-4422",), severity="Low",
                  created_at=NOW - SECOND)  # fmt: skip
    add_violation(c, build, "GPL-3.0", public_id="v3", type="License", severity="High", watch_name="licences",
                  created_at=NOW + SECOND)  # fmt: skip
    add_violation(c, bundle, "EXP-1", public_id="v4", type="Operational_Risk", severity="Unknown", created_at=NOW)


def ids(store: Store, filters: Filters = Filters(), **options: object) -> str:  # noqa: B008 - frozen
    with store.read() as c:
        total, page = violations.search(c, filters, **options)  # type: ignore[arg-type]
    found = " ".join(one.violation.public_id for one in page)
    assert options or total == len(page)
    return found


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), "v2 v1 v4 v3"),
        (Filters(name_contains="log4SHELL"), "v1"),
        (Filters(name_contains="xray-"), "v2 v1"),
        (Filters(name_contains="nightly"), "v3"),
        (Filters(name_contains="org:app"), "v2 v1 v4 v3"),
        (Filters(name_contains="%"), "v2"),
        (Filters(violation_type=ViolationType.LICENSE), "v3"),
        (Filters(watch_name="watch-1"), "v2 v1 v4"),
        (Filters(min_severity=Severity.HIGH), "v1 v3"),
        (Filters(min_severity=Severity.UNKNOWN), "v2 v1 v4 v3"),
        (Filters(created_from=NOW), "v1 v4 v3"),
        (Filters(created_until=NOW), "v2 v1 v4"),
        (Filters(issue_id="XRAY-1"), "v1"),
        (Filters(issue_id="XRAY"), ""),
        (Filters(cve_id="CVE-2021-45046"), "v1"),
        (Filters(cve_id="CVE-2021-4422"), "v2"),
        (Filters(resources=(ResourceFilter(ResourceType.ARTIFACT, repo="libs", path="org/app.jar"),)), "v2 v1"),
        (Filters(resources=(ResourceFilter(ResourceType.ARTIFACT, repo="another"),)), ""),
        (
            Filters(
                resources=(
                    ResourceFilter(ResourceType.BUILD, name="nightly", number="7"),
                    ResourceFilter(ResourceType.RELEASE_BUNDLE, name="suite", version="1.0"),
                )
            ),
            "v4 v3",
        ),
        (Filters(resources=(ResourceFilter(ResourceType.BUILD, name="nightly", number="8"),)), ""),
        (Filters(min_severity=Severity.LOW, violation_type=ViolationType.SECURITY, created_from=NOW), "v1"),
    ],
)
def test_each_filter_narrows_the_search(store: Store, filters: Filters, expected: str) -> None:
    with store.begin() as c:
        fill(c)
    assert ids(store, filters) == expected


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        ("created", "v2 v1 v4 v3"),
        ("summary", "v3 v4 v2 v1"),
        ("severity", "v4 v2 v3 v1"),
        ("type", "v3 v4 v1 v2"),
        ("watcher_name", "v3 v1 v2 v4"),
        ("issue_id", "v4 v3 v1 v2"),
    ],
)
def test_each_order_and_its_reverse(store: Store, order_by: str, expected: str) -> None:
    assert order_by in violations.ORDERS
    with store.begin() as c:
        fill(c)
    assert ids(store, order_by=order_by) == expected
    assert ids(store, order_by=order_by, direction="desc").split() == expected.split()[::-1]


def test_pages_count_from_one_and_the_total_is_of_all(store: Store) -> None:
    with store.begin() as c:
        fill(c)
        total, page = violations.search(c, Filters(), limit=3, page=2)
    assert (total, [one.violation.public_id for one in page]) == (4, ["v3"])
    assert ids(store, limit=3, page=1) == "v2 v1 v4"
    assert ids(store, limit=3, page=3) == ""


def test_a_violation_is_found_where_it_is_and_with_its_leading_ticket(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        add_ticket(c, made, 1)
        ticket = add_ticket(c, made, 2)
        add_violation(c, add_resource(c), issue_id="XRAY-2")
        total, page = violations.search(c, Filters(resource_id=add_resource(c)))
        found = violations.by_id(c, ticket.violation_id)
        assert found is not None
        assert violations.by_public_id(c, found.violation.public_id) == found
        assert violations.by_public_id(c, "nothing") is None
        assert violations.public_ids(c, [ticket.violation_id]) == {ticket.violation_id: found.violation.public_id}
    assert found.leading == ticket
    assert (found.resource.name, found.violation.component, found.violation.cves) == ("app.jar", "gav://org:app:1", ())
    assert (total, [one.leading for one in page]) == (2, [ticket, None])


def test_the_scans_list_counts_violations_and_tickets(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        for number in range(1, 4):
            add_ticket(c, made, number)
        jar = add_resource(c)
        add_violation(c, jar, issue_id="XRAY-2")
        empty = add_resource(c, "zlib.jar")
        by_id = resources.by_ids(c, [jar, empty])
        assert resources.scanned(c, limit=10, offset=0) == (2, [Scanned(by_id[jar], 2, 3), Scanned(by_id[empty], 0, 0)])
        assert resources.scanned(c, limit=1, offset=1) == (2, [Scanned(by_id[empty], 0, 0)])
        assert resources.scanned(c, limit=10, offset=0, name_contains="ZLIB")[0] == 1
        assert resources.by_public_id(c, by_id[jar].public_id) == by_id[jar]
        assert resources.by_public_id(c, "nothing") is None


def test_what_was_not_given_stays_as_it_is_stored(store: Store) -> None:
    with store.begin() as c:
        jar = add_resource(c)
        first = add_violation(c, jar, summary="before", severity="Low", cves=("CVE-1",))
        assert add_violation(c, jar, severity="High", now=NOW + timedelta(days=1)) == first
        found = violations.by_id(c, first)
    assert found is not None
    stored = found.violation
    assert (stored.summary, stored.severity, stored.cves, stored.created_at) == ("before", "High", ("CVE-1",), NOW)
