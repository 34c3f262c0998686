"""Random histories of a Jira: whatever is done to it, reading, searching and the changelog tell the same.

Each step is a request or two, after which everything is read again (`histories/looking.py`). A history that fails is
made as short as can be, and its requests are printed. A longer search, other each time, by the environment:

    HISTORIES=1000 STEPS=40 .venv/bin/python -m pytest tests/fake_jira/test_histories.py
"""

import os
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test

from fake_jira.server import FakeJira
from tests.fake_jira.conftest import in_a_world_of_its_own
from tests.fake_jira.histories.hand import Furnished, furnish
from tests.fake_jira.histories.issue_deeds import IssueDeeds
from tests.fake_jira.histories.looking_over import LookingOver
from tests.fake_jira.histories.satellite_deeds import SatelliteDeeds
from tests.fake_jira.histories.site_deeds import SiteDeeds
from tests.fake_jira.histories.world_deeds import WorldDeeds

HISTORIES, STEPS = int(os.environ.get("HISTORIES", "24")), int(os.environ.get("STEPS", "30"))
SEARCHING = "HISTORIES" in os.environ
HASTY = "HASTY" in os.environ  # a history that fails is printed as it was found


class Histories(WorldDeeds, IssueDeeds, SatelliteDeeds, SiteDeeds, LookingOver):
    """All deeds."""

    @initialize(random=st.randoms(use_true_random=True))
    def begin(self, random: Random) -> None:
        """A few issues, so that there is something to do."""
        self.random = random
        self.begun("Epic")
        story = self.begun("Story")
        self.begun("Sub-task", parent={"id": story})
        self.begun("Task", project="TEST", components=[{"name": "Core"}], fixVersions=[{"name": "Door"}])

    def begun(self, kind: str, project: str = "SEC", **more: object) -> str:
        fields = {"project": {"key": project}, "issuetype": {"name": kind}, "summary": "alpha", **more}
        made = self.hand.call("POST", "issue", {"fields": fields})
        assert made.ok, made.text
        self.look({}, new=made.json()["id"])
        return str(made.json()["id"])


@pytest.fixture(scope="session")
def begun_cloud(server: FakeJira) -> Iterator[Furnished]:
    with in_a_world_of_its_own(server) as jira:
        yield furnish(jira, server)


@pytest.fixture(scope="session")
def begun_data_center(data_center_server: FakeJira) -> Iterator[Furnished]:
    with in_a_world_of_its_own(data_center_server) as jira:
        yield furnish(jira, data_center_server)


def play(begun: Furnished) -> None:
    run_state_machine_as_test(
        type("Histories", (Histories,), {"furnished": begun}),
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not SEARCHING,
            database=None,
            phases=[Phase.generate] if HASTY else [Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=SEARCHING,
        ),
    )


def test_whatever_is_done_to_a_cloud_it_tells_one_story(begun_cloud: Furnished) -> None:
    play(begun_cloud)


def test_whatever_is_done_to_a_data_center_it_tells_one_story(begun_data_center: Furnished) -> None:
    play(begun_data_center)
