"""Integrations: names, verdicts, the toggle, and what is due."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.errors import NameTaken
from service.rules.health import Health, Verdict
from service.rules.tickets import EpochCause
from service.store import integrations, runs
from service.store.database import Store
from service.store.integrations import Change
from service.store.runs import RunState
from tests.service.store.shelf import NOW, SECOND, add_integration, add_run, faulty, healthy, in_transactions, reread

LATER = NOW + timedelta(hours=1)


def test_a_new_integration_is_in_its_first_epoch_and_due_in_eight_hours(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c, name="jira-1")
    with store.read() as c:
        assert integrations.by_name(c, "jira-1") == made == integrations.by_id(c, made.id)
    assert (made.epoch, made.epoch_cause, made.settled_epoch) == (1, EpochCause.CREATED, 0)
    assert made.next_run_at == NOW + timedelta(hours=8)
    assert (made.health, made.checked_at, made.broken_since, made.next_probe_at) == (None, None, None, None)


def test_a_name_is_taken_once_and_free_again_after_removal(store: Store) -> None:
    with store.begin() as c:
        first = add_integration(c, name="jira-1")
    with pytest.raises(NameTaken, match="'jira-1' already"), store.begin() as c:
        add_integration(c, name="jira-1")
    with store.begin() as c:
        assert integrations.remove(c, first.id, LATER)
        second = add_integration(c, name="jira-1")
        assert integrations.by_name(c, "jira-1") == second
        assert reread(c, first).removed_at == LATER
        assert integrations.by_ids(c, [first.id, second.id]).keys() == {first.id, second.id}
        assert integrations.all(c) == [second]


def test_names_are_listed_in_order(store: Store) -> None:
    with store.begin() as c:
        for name in ("b", "a", "c"):
            add_integration(c, name=name)
        assert [integration.name for integration in integrations.all(c)] == ["a", "b", "c"]


def test_a_removed_integration_keeps_no_credential_and_no_run(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        run = add_run(c, made)
        assert integrations.credential(c, made.id) == b"sealed"
        assert integrations.remove(c, made.id, LATER)
        assert not integrations.remove(c, made.id, LATER)
        assert integrations.credential(c, made.id) is None
        assert not integrations.set_credential(c, made.id, b"again")
        assert not integrations.update_settings(c, made)
        assert integrations.record_verdict(c, made.id, faulty(), NOW) is Change.NONE
        ended = runs.by_id(c, run.id)
    assert ended is not None
    assert (ended.state, ended.ended_at) == (RunState.CANCELLED, LATER)


def test_an_edit_changes_what_an_admin_may_edit_and_nothing_else(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        edited = replace(
            made, name="jira-2", username="new@example.com", url="https://other.example.com", skip_proxy=True
        )
        assert integrations.update_settings(c, replace(edited, epoch=7, retrieve_tickets=False))
        assert integrations.set_credential(c, made.id, b"new")
        assert reread(c, made) == edited
        assert integrations.credential(c, made.id) == b"new"


def test_an_integration_cannot_be_renamed_to_a_name_in_use(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c, name="jira-1")
        add_integration(c, name="jira-2")
    with pytest.raises(NameTaken, match="'jira-2' already"), store.begin() as c:
        integrations.update_settings(c, replace(made, name="jira-2"))
    with store.read() as c:
        assert reread(c, made) == made


def test_the_first_faulty_verdict_breaks_and_the_next_only_moves_the_probe(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        assert integrations.record_verdict(c, made.id, faulty(NOW), NOW) is Change.BROKE
        broken = reread(c, made)
        assert (broken.broken_since, broken.epoch, broken.epoch_cause) == (NOW, 2, EpochCause.BROKEN)
        assert (broken.health, broken.checked_at) == (Health.FAULTY, NOW)
        assert broken.next_probe_at == NOW + timedelta(minutes=5)
        assert integrations.record_verdict(c, made.id, faulty(LATER), LATER) is Change.NONE
        expected = replace(broken, checked_at=LATER, next_probe_at=LATER + timedelta(minutes=5))
        assert reread(c, made) == expected


def test_the_first_healthy_verdict_after_a_break_is_its_recovery(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        assert integrations.record_verdict(c, made.id, healthy(), NOW) is Change.NONE
        integrations.record_verdict(c, made.id, faulty(), NOW)
        assert integrations.record_verdict(c, made.id, healthy(LATER), LATER) is Change.RECOVERED
        assert integrations.record_verdict(c, made.id, healthy(LATER), LATER) is Change.NONE
        recovered = reread(c, made)
    assert (recovered.broken_since, recovered.next_probe_at, recovered.health) == (None, None, Health.HEALTHY)
    assert (recovered.epoch, recovered.epoch_cause) == (2, EpochCause.BROKEN)


def test_a_verdict_older_than_the_stored_one_changes_nothing(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        integrations.record_verdict(c, made.id, healthy(LATER), LATER)
        before = reread(c, made)
        assert integrations.record_verdict(c, made.id, faulty(LATER - SECOND), LATER) is Change.NONE
        assert reread(c, made) == before


@pytest.mark.parametrize("health", [Health.INTERNAL_ERROR, Health.NOT_FOUND])
def test_our_own_trouble_is_no_verdict_on_a_jira(store: Store, health: Health) -> None:
    with store.begin() as c:
        made = add_integration(c)
        assert integrations.record_verdict(c, made.id, Verdict(health, "x", NOW), NOW) is Change.NONE
        assert reread(c, made) == made


def test_of_many_workers_one_breaks_and_one_recovers(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
    broke = in_transactions(store, lambda c: integrations.record_verdict(c, made.id, faulty(), NOW))
    recovered = in_transactions(store, lambda c: integrations.record_verdict(c, made.id, healthy(LATER), LATER))
    assert sorted(map(str, broke)) == ["broke", "none", "none", "none"]
    assert sorted(map(str, recovered)) == ["none", "none", "none", "recovered"]
    with store.read() as c:
        assert reread(c, made).epoch == 2


def test_switching_on_begins_an_epoch_and_switching_off_does_not(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        assert not integrations.set_enabled(c, made.id, on=True)
        assert integrations.set_enabled(c, made.id, on=False)
        assert not integrations.set_enabled(c, made.id, on=False)
        assert reread(c, made) == replace(made, retrieve_tickets=False)
        assert integrations.set_enabled(c, made.id, on=True)
        assert reread(c, made) == replace(made, epoch=2, epoch_cause=EpochCause.ENABLED)


def test_switching_on_does_not_make_good_a_break(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        integrations.record_verdict(c, made.id, faulty(), NOW)
        integrations.set_enabled(c, made.id, on=False)
        integrations.set_enabled(c, made.id, on=True)
        assert reread(c, made).epoch_cause is EpochCause.BROKEN
        integrations.record_verdict(c, made.id, healthy(LATER), LATER)
        runs.finish(c, add_run(c, made), RunState.COMPLETE, None, LATER)
        integrations.set_enabled(c, made.id, on=False)
        integrations.set_enabled(c, made.id, on=True)
        assert reread(c, made).epoch_cause is EpochCause.ENABLED


def test_of_many_workers_one_claims_a_due_run(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        due_at = made.next_run_at
        assert integrations.due(c, due_at - SECOND) == []
        assert integrations.due(c, due_at) == [made]
    claims = in_transactions(store, lambda c: integrations.claim_due(c, made, due_at + timedelta(hours=8)))
    assert sorted(map(bool, claims)) == [False, False, False, True]
    with store.read() as c:
        assert integrations.due(c, due_at) == []
        assert integrations.next_due(c) == due_at + timedelta(hours=8)


def test_of_many_workers_one_claims_a_due_probe(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        integrations.record_verdict(c, made.id, faulty(), NOW)
        broken = reread(c, made)
        probe_at = NOW + timedelta(minutes=5)
        assert integrations.next_due(c) == probe_at
        assert integrations.probes_due(c, probe_at - SECOND) == []
        assert integrations.probes_due(c, probe_at) == [broken]
    claims = in_transactions(store, lambda c: integrations.claim_probe(c, broken, probe_at + timedelta(minutes=5)))
    assert sorted(map(bool, claims)) == [False, False, False, True]


def test_nothing_is_due_for_a_removed_integration(store: Store) -> None:
    with store.begin() as c:
        made = add_integration(c)
        integrations.record_verdict(c, made.id, faulty(), NOW)
        broken = reread(c, made)
        integrations.remove(c, made.id, NOW)
        far = NOW + timedelta(days=1)
        assert (integrations.due(c, far), integrations.probes_due(c, far), integrations.next_due(c)) == ([], [], None)
        assert not integrations.claim_due(c, broken, far)
        assert not integrations.claim_probe(c, broken, far)
