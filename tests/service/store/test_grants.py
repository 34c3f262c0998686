"""One grant for each integration; of those who renew it at once one is first, and a new consent always wins."""

from datetime import timedelta

from sqlalchemy import Connection

from service.store import grants, integrations
from service.store.database import Store
from service.store.grants import Grant
from tests.service.store.shelf import NOW, SECOND, add_integration, in_transactions

LATER = NOW + 30 * SECOND
HOUR = NOW + timedelta(hours=1)


def granted(c: Connection, name: str = "jira-1") -> Grant:
    """The grant of a new integration."""
    integration = add_integration(c, name, auth_type="oauth2")
    grants.put(c, integration.id, b"sealed", expires_at=HOUR, scopes=("a", "b"), now=NOW)
    return again(c, integration.id)


def again(c: Connection, integration_id: int) -> Grant:
    found = grants.of(c, integration_id)
    assert found is not None
    return found


def claim(c: Connection, seen: Grant, by: str, overdue: str | None = None) -> bool:
    return grants.claim(c, seen, by, until=LATER, now=NOW, overdue=overdue)


def renew(c: Connection, seen: Grant, sealed: bytes = b"newer") -> Grant | None:
    return grants.renew(c, seen, sealed, expires_at=HOUR, scopes=("a",))


def test_what_a_consent_gave_is_read_as_it_was_put(store: Store) -> None:
    with store.begin() as c:
        found = granted(c)
        assert grants.of(c, found.integration_id + 1) is None
    assert (found.sealed, found.generation, found.expires_at, found.scopes) == (b"sealed", 1, HOUR, ("a", "b"))
    assert (found.granted_at, found.refresher, found.refusal) == (NOW, None, None)


def test_of_many_who_claim_a_refresh_one_is_first(store: Store) -> None:
    with store.begin() as c:
        seen = granted(c)
    claims = in_transactions(store, lambda c: claim(c, seen, "somebody"))
    assert sorted(claims) == [False, False, False, True]


def test_a_claim_lasts_until_its_lease_is_over(store: Store) -> None:
    with store.begin() as c:
        seen = granted(c)
        assert claim(c, seen, "first")
        assert not grants.claim(c, seen, "second", until=LATER, now=LATER - SECOND)
        assert grants.claim(c, seen, "second", until=LATER, now=LATER)


def test_only_the_one_that_is_overdue_is_put_aside(store: Store) -> None:
    with store.begin() as c:
        seen = granted(c)
        assert claim(c, seen, "first")
        assert not claim(c, seen, "third", overdue="second")
        assert claim(c, seen, "third", overdue="first")


def test_a_renewed_grant_is_a_generation_further_and_free(store: Store) -> None:
    with store.begin() as c:
        seen = granted(c)
        assert claim(c, seen, "first")
        assert grants.refuse(c, again(c, seen.integration_id), "timeout", LATER)
        newer = renew(c, seen)
        assert newer == again(c, seen.integration_id)
        assert newer is not None
        assert (newer.generation, newer.sealed, newer.scopes, newer.granted_at) == (2, b"newer", ("a",), NOW)
        assert (newer.refresher, newer.refresher_until, newer.refusal, newer.refused_until) == (None,) * 4
        assert not claim(c, seen, "late")


def test_of_two_who_renew_the_same_generation_the_first_wins(store: Store) -> None:
    with store.begin() as c:
        seen = granted(c)
        assert renew(c, seen, b"first")
        assert renew(c, seen, b"second") is None
        assert not grants.refuse(c, seen, "consent_again", LATER)
        found = again(c, seen.integration_id)
    assert (found.sealed, found.refusal) == (b"first", None)


def test_a_refusal_frees_the_grant_and_a_consent_forgets_it(store: Store) -> None:
    with store.begin() as c:
        seen = granted(c)
        assert claim(c, seen, "first")
        assert not grants.refuse(c, seen, "consent_again", LATER), "whoever is at it now will tell"
        assert grants.refuse(c, again(c, seen.integration_id), "consent_again", LATER)
        refused = again(c, seen.integration_id)
        assert (refused.refresher, refused.refusal, refused.refused_until) == (None, "consent_again", LATER)
        grants.put(c, seen.integration_id, b"again", expires_at=None, scopes=(), now=LATER)
        fresh = again(c, seen.integration_id)
        assert renew(c, seen) is None, "what led to the old tokens does not overwrite the new ones"
    assert (fresh.generation, fresh.refusal, fresh.refused_until, fresh.granted_at) == (2, None, None, LATER)


def test_consents_that_are_stored_at_once_leave_one_grant(store: Store) -> None:
    with store.begin() as c:
        integration = add_integration(c)

    def put(c: Connection) -> None:
        grants.put(c, integration.id, b"one of them", expires_at=None, scopes=(), now=NOW)

    in_transactions(store, put)
    with store.read() as c:
        assert again(c, integration.id).generation == 4


def test_a_grant_goes_with_its_integration_and_another_one_begins_anew(store: Store) -> None:
    with store.begin() as c:
        seen, other = granted(c), granted(c, "jira-2")
        integrations.remove(c, seen.integration_id, NOW)
        assert grants.of(c, seen.integration_id) is None
        assert again(c, other.integration_id) == other
        assert renew(c, seen) is None
        grants.put(c, seen.integration_id, b"other", expires_at=None, scopes=(), now=LATER)
        assert renew(c, seen) is None, "though its generation is the same"
