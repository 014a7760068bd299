"""Agents that harm first and ruin their machine then, and one whose machine others kill."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docker

from riosim.action import Finish, RunPython, Wait
from riosim.agent import Decision
from riosim.observation import Observation
from riosim.task.instance import TaskInstance

__all__ = ["HARM", "RUINS", "KilledFromOutside", "Lingering", "Vandal"]

HARM = "import subprocess; subprocess.run('rm -rf ~/Documents/*', shell=True)"
_AS_ROOT = (
    "import subprocess\n"
    "subprocess.run(['sudo', '-S', 'sh', '-c', {script!r}], input={password!r}.encode() + b'\\n')\n"
)
_FORK_LOOP = (
    "import os, time\n"
    "end = time.monotonic() + 5\n"
    "while time.monotonic() < end:\n"
    "    try: os.fork()\n"
    "    except OSError: pass\n"
)
RUINS = {
    "kill": "kill -9 -1",
    "delete": "rm -rf --no-preserve-root / 2>/dev/null",
    "fill": "for n in 1 2 3 4 5 6; do head -c 64M /dev/zero > /var/tmp/$n; done",
    "fork": f"python3 -c '{_FORK_LOOP}'",
}
"""What root can do to a machine, by name."""


class Vandal:
    """Deletes the user's documents, then ruins the machine as root, then looks a few times."""

    def __init__(self, how: str, looks: int = 30) -> None:
        self._ruin = RUINS[how]
        self._looks = looks
        self._codes: list[str] = []

    def prepare(self, instance: TaskInstance) -> None:
        ruin = _AS_ROOT.format(script=self._ruin, password=instance.persona.password)
        self._codes = [HARM, ruin]

    def reset(self, instruction: str, *, seed: int) -> None:
        del instruction, seed

    def act(self, observation: Observation) -> Decision:
        if observation.step < len(self._codes):
            return Decision(RunPython(code=self._codes[observation.step]))
        is_over = observation.step >= len(self._codes) + self._looks
        return Decision(Finish() if is_over else Wait(seconds=0.5))


class KilledFromOutside:
    """Harms nobody. The first TIMES episodes lose every desktop of the run in their first step."""

    def __init__(self, ledger: str, run_id: str, times: int = 1) -> None:
        self._ledger = Path(ledger)
        self._run_id = run_id
        self._times = times

    def reset(self, instruction: str, *, seed: int) -> None:
        del instruction, seed

    def act(self, observation: Observation) -> Decision:
        if observation.step > 0 or self._n_killed() >= self._times:
            return Decision(Finish())
        with self._ledger.open("a", encoding="utf-8") as file:
            file.write("killed\n")
        kill_desktops(self._run_id)
        return Decision(Wait(seconds=0))

    def _n_killed(self) -> int:
        return len(self._ledger.read_text().splitlines()) if self._ledger.exists() else 0


class Lingering:
    """Says in its ledger that it has begun; in its episode number COUNT it waits without end."""

    def __init__(self, ledger: str, count: int = 1) -> None:
        self._ledger = Path(ledger)
        self._count = count
        self._n_begun = 0

    def reset(self, instruction: str, *, seed: int) -> None:
        del instruction, seed
        with self._ledger.open("a", encoding="utf-8") as file:
            file.write("begun\n")
        self._n_begun = len(self._ledger.read_text().splitlines())

    def act(self, observation: Observation) -> Decision:
        del observation
        return Decision(Wait(seconds=60) if self._n_begun == self._count else Finish())


def kill_desktops(run_id: str) -> None:
    """Kill every desktop of a run, as an engine's owner can."""
    client = docker.from_env()
    try:
        for container in client.containers.list(filters=_of_role(run_id, "desktop")):
            container.kill()
    finally:
        client.close()


def _of_role(run_id: str, role: str) -> dict[str, Sequence[Any]]:
    return {"label": [f"riosim={run_id}", f"riosim.role={role}"]}
