"""Intents: one open per violation, and each is closed once."""

from datetime import timedelta

from service.store import intents, meta, users
from service.store.database import Store
from service.store.intents import Intent
from tests.service.store.shelf import NOW, add_integration, add_ticket

LOOK = NOW + timedelta(seconds=60)
LATER = NOW + timedelta(minutes=10)


def opened(store: Store, label: str = "xray-1", name: str = "jira-1") -> tuple[Intent | None, int]:
    """An intent of the one violation, and the id of a ticket that could come of it."""
    with store.begin() as c:
        ticket = add_ticket(c, add_integration(c, name=name), 1)
        made = intents.open(
            c,
            violation_id=ticket.violation_id,
            integration_id=ticket.integration_id,
            project="sec",
            label=label,
            next_look_at=LOOK,
            now=NOW,
        )
    return made, ticket.id


def test_a_violation_has_one_open_intent(store: Store) -> None:
    first, ticket_id = opened(store)
    second, _ = opened(store, label="xray-2", name="jira-2")
    assert first is not None
    assert first.project == "SEC"
    assert second is None
    with store.begin() as c:
        assert intents.open_of(c, first.violation_id) == first
        assert intents.record(c, first.id, ticket_id, LATER)
        assert not intents.record(c, first.id, ticket_id, LATER)
        assert not intents.give_up(c, first.id, LATER)
        assert intents.open_of(c, first.violation_id) is None
    third, _ = opened(store, label="xray-3", name="jira-3")
    assert third is not None


def test_an_intent_that_is_given_up_makes_room(store: Store) -> None:
    first, ticket_id = opened(store)
    assert first is not None
    with store.begin() as c:
        assert intents.give_up(c, first.id, LATER)
        assert not intents.record(c, first.id, ticket_id, LATER)
        assert intents.due(c, LATER) == []
        assert intents.next_due(c) is None


def test_an_open_intent_is_looked_for_by_one_worker_at_a_time(store: Store) -> None:
    first, _ = opened(store)
    assert first is not None
    with store.begin() as c:
        assert intents.next_due(c) == LOOK
        assert intents.due(c, NOW) == []
        assert intents.due(c, LOOK) == [first]
        assert intents.claim(c, first, LATER)
        assert not intents.claim(c, first, LATER)
        assert intents.due(c, LOOK) == []
        assert intents.next_due(c) == LATER


def test_a_fact_about_the_store_is_kept_and_replaced(store: Store) -> None:
    with store.begin() as c:
        assert meta.get(c, meta.PRODUCT_VERSION) is None
        meta.put(c, meta.PRODUCT_VERSION, "3.140.0")
        meta.put(c, meta.PRODUCT_VERSION, "3.141.0")
        assert meta.get(c, meta.PRODUCT_VERSION) == "3.141.0"
        assert users.names(c) == []
