"""Worlds: made, forked, remembered, restored, reset and dropped, each with its own clock."""

from datetime import timedelta

import pytest

from fake_jira.errors import Invalid, NotThere
from fake_jira.model.issues import create_issue, transition_to
from fake_jira.model.people import add_user
from fake_jira.worlds import Switches, World, Worlds


@pytest.fixture
def worlds() -> Worlds:
    return Worlds()


def add(world: World) -> str:
    project = world.state.projects["10001"]
    return create_issue(world.site, project, None, type_id="10002", summary="x").key


def test_a_fork_has_what_the_world_had_and_goes_its_own_way(worlds: Worlds) -> None:
    world = worlds.get("default")
    add(world)
    world.clock.advance(timedelta(days=1))
    fork = worlds.fork("default", "fork")
    assert abs(fork.now() - world.now()) < timedelta(seconds=5)
    transition_to(fork.site, fork.site.issue("SEC-1"), None, "Done")
    fork.clock.advance(timedelta(days=1))
    assert world.site.issue("SEC-1").status_id == "10000"
    assert fork.now() - world.now() > timedelta(hours=23)


def test_a_snapshot_brings_state_settings_and_time_back(worlds: Worlds) -> None:
    world = worlds.get("default")
    before = world.now()
    worlds.snapshot("default", "clean")
    add(world)
    world.settings = world.settings.changed(index_delay=5)
    world.clock.advance(timedelta(days=9))
    for _ in range(2):
        worlds.restore("default", "clean")
        assert world.state.issues == {}
        assert world.settings == Switches()
        assert world.now() - before < timedelta(seconds=30)
        add(world)
    with pytest.raises(NotThere, match="no snapshot"):
        worlds.restore("default", "other")


def test_a_reset_goes_back_to_what_was_made_or_settled(worlds: Worlds) -> None:
    world = worlds.make("sown", seed=3, issues=20)
    add(world)
    worlds.reset("sown")
    assert len(world.state.issues) == 20
    add(world)
    world.settle()
    worlds.reset("sown")
    assert len(world.state.issues) == 21


def test_a_token_leads_to_the_one_world_that_knows_it(worlds: Worlds) -> None:
    one = worlds.make("one")
    add_user(one.site, "bob@example.com", "Bob", "bob-token")
    assert worlds.by_token("bob-token") is one
    assert worlds.by_token("admin-token") is one
    worlds.fork("one", "two")
    assert worlds.by_token("bob-token") is None
    assert worlds.by_token("nobodys") is None


def test_names_are_plain_and_taken_once_and_the_default_world_stays(worlds: Worlds) -> None:
    for name in ("", "a b", "a/b", "x" * 101):
        with pytest.raises(Invalid, match="A world's name"):
            worlds.make(name)
    with pytest.raises(Invalid, match="already"):
        worlds.make("default")
    with pytest.raises(Invalid, match="default"):
        worlds.drop("default")
    worlds.make("other")
    worlds.drop("other")
    with pytest.raises(NotThere, match="there are: default"):
        worlds.get("other")


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"index_dleay": 1}, "There is no setting 'index_dleay'"),
        ({"index_delay": -1}, "seconds"),
        ({"index_delay": True}, "seconds"),
        ({"bulkfetch_errors": "yes"}, "true or false"),
        ({"bad_basic": "maybe"}, "one of: anonymous, refuse"),
    ],
)
def test_a_setting_that_cannot_be_is_named(values: dict[str, object], complaint: str) -> None:
    with pytest.raises(Invalid, match=complaint):
        Switches().changed(**values)
