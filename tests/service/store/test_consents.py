"""What waits for a browser is found by its state, answered once, and swept when it is too old."""

from service.store import consents
from service.store.consents import Consent
from service.store.database import Store
from tests.service.store.shelf import NOW, SECOND, add_integration, in_transactions

END = NOW + 600 * SECOND


def add(store: Store, state: str = "hash", **fields: object) -> None:
    values = {"user_name": "admin", "integration_id": None, "sealed": b"sealed", "expires_at": END, "now": NOW} | fields
    with store.begin() as c:
        consents.add(c, state, **values)  # type: ignore[arg-type]


def test_what_was_kept_is_found_by_its_state(store: Store) -> None:
    with store.begin() as c:
        integration = add_integration(c)
    add(store, integration_id=integration.id)
    with store.read() as c:
        assert consents.of(c, "hash") == Consent("hash", "admin", integration.id, b"sealed", END, None)
        assert consents.of(c, "other") is None


def test_it_is_answered_once_however_many_try(store: Store) -> None:
    add(store)
    answers = in_transactions(store, lambda c: consents.answer(c, "hash", NOW))
    assert sorted(answers) == [False, False, False, True]
    with store.read() as c:
        found = consents.of(c, "hash")
    assert found is not None
    assert found.answered_at == NOW


def test_it_is_not_answered_after_its_end(store: Store) -> None:
    add(store)
    with store.begin() as c:
        assert not consents.answer(c, "hash", END)
        assert consents.answer(c, "hash", END - SECOND)
        assert not consents.answer(c, "other", NOW)


def test_the_expired_ones_go_when_the_next_one_comes(store: Store) -> None:
    add(store, "old")
    add(store, "older", expires_at=END - SECOND)
    add(store, "new", expires_at=END + SECOND, now=END)
    with store.read() as c:
        assert [consents.of(c, state) is None for state in ("old", "older", "new")] == [True, True, False]
