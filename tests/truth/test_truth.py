"""Whatever happens to a Jira and to the service: what is shown is right, or Unknown, or empty, as the documents say.

Random histories, in CI always the same ones. A longer search, other each time, by the environment:

    TRUTHS=5000 .venv/bin/python -m pytest tests/truth -k cloud

A history that fails is made short and printed as a scenario, which `replay` plays.
"""

import os
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from scenarios.stage import frozen_clock
from tests.truth.histories import History, histories
from tests.truth.player import play
from tests.truth.stage import Theatre

HISTORIES, SEARCHING = int(os.environ.get("TRUTHS", "100")), "TRUTHS" in os.environ
HASTY = "HASTY" in os.environ  # a history that fails is printed as it was found


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with frozen_clock() as clock, closing(Theatre(clock, tmp_path_factory.mktemp("truth"))) as built:
        yield built


@pytest.mark.parametrize("jira", ["cloud", "data-center"])
def test_whatever_happens_what_is_shown_is_true(theatre: Theatre, jira: str) -> None:
    @settings(
        max_examples=HISTORIES,
        deadline=None,
        derandomize=not SEARCHING,
        database=None,
        phases=[Phase.generate] if HASTY else [Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(histories(jira))
    def tell(history: History) -> None:
        play(theatre, history)

    tell()
