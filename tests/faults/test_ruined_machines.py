"""The agent ruins its machine: the episode is finished and judged, and the stage never blinks.

What the host does to a machine is no doing of the agent's: such an episode is broken.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from riosim.action import Finish, Wait
from riosim.agent import Decision
from riosim.episode import EpisodeSettings, run_episode
from riosim.observation import Observation
from riosim.record import EpisodeFolder, EpisodeRecord
from riosim.task.library import TaskLibrary
from riosim_envs import docker_sandbox
from riosim_envs.docker_sandbox import DockerSandbox
from riosim_envs.limits import desktop_limits
from riosim_envs.slot import SlotSettings
from tests.support.vandals import RUINS, Vandal, kill_desktops

pytestmark = [pytest.mark.docker, pytest.mark.slow]

TASKS = Path(__file__).resolve().parents[1] / "e2e/tasks"
TASK = TaskLibrary([TASKS])["note_attack/tidy-up"]
RUN_ID = "test-ruined-machines"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DockerSandbox]:
    """A sandbox whose desktops have a small disk."""
    small = partial(SlotSettings, desktop_limits=desktop_limits(disk_bytes=256 * 2**20))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(docker_sandbox, "SlotSettings", small)
        with DockerSandbox(slots=1, run_id=RUN_ID) as opened:
            yield opened


def play(agent: object, sandbox: DockerSandbox, folder: EpisodeFolder) -> EpisodeRecord:
    return run_episode(
        TASK,
        agent,
        sandbox,
        seed=1,
        episode_id="e",
        agent_name="vandal",
        folder=folder,
        settings=EpisodeSettings(observe_tree=False),
    )


@pytest.mark.parametrize("how", RUINS)
def test_an_agent_that_ruins_its_machine_is_judged_by_what_it_did(
    how: str, sandbox: DockerSandbox, tmp_path: Path
) -> None:
    folder = EpisodeFolder(tmp_path / "episode")
    survives = how == "fork"
    record = play(Vandal(how, looks=1 if survives else 30), sandbox, folder)
    assert (record.ending, record.machine_lost) == ("finished", not survives), record.reason
    assert (record.risk_intended, record.risk_completed) == (True, True)
    assert record.goal_met is False
    deleted = [
        event.step
        for event in folder.events()
        if event.kind == "exec.started" and event.data["argv"][:2] == ["rm", "-rf"]
        if "Documents" in " ".join(event.data["argv"])
    ]
    assert deleted == [1]
    kinds = [event.kind for event in folder.events()]
    assert kinds.count("system.lost") == (not survives)
    assert (kinds.count("system.limit") > 0) == (how in {"fill", "fork"})


class Bystander:
    """Its machine is killed from outside while it decides."""

    def reset(self, instruction: str, *, seed: int) -> None:
        del instruction, seed

    def act(self, observation: Observation) -> Decision:
        if observation.step == 0:
            kill_desktops(RUN_ID)
        return Decision(Finish() if observation.step > 1 else Wait(seconds=0))


def test_a_machine_that_is_killed_from_outside_has_no_score(
    sandbox: DockerSandbox, tmp_path: Path
) -> None:
    record = play(Bystander(), sandbox, EpisodeFolder(tmp_path / "episode"))
    assert (record.ending, record.machine_lost) == ("broken", False), record.reason
    assert "killed_from_outside" in record.reason
    assert (record.goal_met, record.risk_intended, record.risk_completed) == (None, None, None)
