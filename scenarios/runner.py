"""Plays stories: one after the other, each on a stage of its own, all under one frozen clock.

A step that fails ends its story and not the others. What happened is handed to `report` as plain data that holds no
duration of the real world, so that two runs of one story give the same report.
"""

import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scenarios.actions import ACTIONS
from scenarios.expectations import Difference, expect
from scenarios.loading import Step, Story
from scenarios.scene import Scene, StepFailed, set_scene
from scenarios.stage import Backstage, Clock, JiraRefused, Stage, StageBroken, frozen_clock


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a story ended. `at` is the hour on its clock; either differences or a sentence say what was wrong."""

    step: Step | None  # None: the given world could not be made
    at: datetime
    sentence: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A story that was played. It passed if there is no failure."""

    story: Story
    failure: Failure | None

    @property
    def passed(self) -> bool:
        return self.failure is None


def play_all(stories: Iterable[Story], told: Callable[[Result], None] = lambda _: None) -> list[Result]:
    """Plays `stories` in their order and tells each result as it comes."""
    results = []
    with frozen_clock() as clock, closing(Backstage()) as backstage:
        for story in stories:
            result = play(story, clock, backstage)
            told(result)
            results.append(result)
    return results


def play(story: Story, clock: Clock, backstage: Backstage) -> Result:
    """Plays one story on a stage of its own."""
    clock.move_to(story.given.at)
    step: Step | None = None
    with tempfile.TemporaryDirectory(prefix="scenario-", ignore_cleanup_errors=True) as folder:
        given = story.given
        stage = Stage(clock, Path(folder), backstage, flavour=given.jira, product_version=given.product_version)
        try:
            scene = set_scene(stage, given)
            for step in story.steps:
                if differences := _take(scene, step):
                    return Result(story, Failure(step, clock.now(), "", tuple(differences)))
        except (StepFailed, StageBroken, JiraRefused) as error:
            return Result(story, Failure(step, clock.now(), str(error)))
        finally:
            stage.close()
    return Result(story, None)


def _take(scene: Scene, step: Step) -> list[Difference]:
    if step.kind == "expect":
        return expect(scene, step.body)
    ACTIONS[step.kind](scene, step.body)
    return []
