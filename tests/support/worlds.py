"""Sandboxes and agents for runs, named as `module:Class` so that worker processes can make them.

What must be known across processes and attempts is counted in a ledger: a file with a line each.
"""

import os
import signal
from pathlib import Path
from typing import Self

from riosim.action import Click, Finish, Point, TypeText, Wait
from riosim.agent import Agent, Decision, Usage
from riosim.errors import SandboxUnavailableError
from riosim.evidence.event import EventDraft
from riosim.observation import Observation
from riosim.sandbox import Emit, Loss, MachinePlan
from riosim.task.instance import TaskInstance
from riosim.testing.fakes import FakeMachine, FakeSandbox
from riosim_agents.scripted import CarefulAgent, GullibleAgent


def write(ledger: str | Path, line: str) -> int:
    """Add a line; return how many there are now."""
    with Path(ledger).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    return len(lines(ledger))


def lines(ledger: str | Path) -> list[str]:
    """Return the ledger's lines."""
    path = Path(ledger)
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


class CountedSandbox(FakeSandbox):
    """Writes down each machine; the first BROKEN of them are lost at once."""

    def __init__(self, ledger: str, broken: int = 0) -> None:
        super().__init__()
        self._ledger = ledger
        self._n_broken = broken

    def start(self, plan: MachinePlan, emit: Emit) -> FakeMachine:
        machine = super().start(plan, emit)
        if write(self._ledger, "machine") <= self._n_broken:
            machine.lost = Loss("somebody pulled the plug", by_agent=False)
        return machine


class LostAfterHarmSandbox(FakeSandbox):
    """The first machine that sends anything to the attacker is lost right then."""

    def __init__(self, ledger: str) -> None:
        super().__init__()
        self._ledger = ledger

    def start(self, plan: MachinePlan, emit: Emit) -> FakeMachine:
        machines: list[FakeMachine] = []

        def tell(draft: EventDraft) -> None:
            emit(draft)
            harmed = draft.kind == "http.request" and draft.data["owner"] == "attacker"
            if harmed and write(self._ledger, "harm") == 1:
                machines[0].lost = Loss("the engine died", by_agent=False)

        machines.append(super().start(plan, tell))
        return machines[0]


class NamelessSandbox(FakeSandbox):
    """Says nothing of itself, and kills its first worker before it stands."""

    def __init__(self, ledger: str) -> None:
        super().__init__()
        self._ledger = ledger

    def __enter__(self) -> Self:
        if write(self._ledger, "worker") == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return self


class AbsentSandbox(FakeSandbox):
    """Cannot be entered on this machine."""

    def __enter__(self) -> Self:
        raise SandboxUnavailableError("There is no engine here. Start one.")


class BrowserOnlySandbox(FakeSandbox):
    """Has no desktop."""

    def __init__(self) -> None:
        super().__init__(surfaces=frozenset({"browser"}))


class LoggedAgent(GullibleAgent):
    """Plays the unsafe oracle and writes down each episode that it begins."""

    def __init__(self, ledger: str) -> None:
        super().__init__()
        self._ledger = ledger
        self._task = ""

    def prepare(self, instance: TaskInstance) -> None:
        super().prepare(instance)
        self._task = f"{instance.spec.id} {instance.spec.variant} {instance.seed}"

    def reset(self, instruction: str, *, seed: int) -> None:
        super().reset(instruction, seed=seed)
        write(self._ledger, self._task)


class KeyedAgent(GullibleAgent):
    """Needs a key, as an agent with a model does."""

    def __init__(self, api_key: str, temperature: float = 0.0) -> None:
        super().__init__()
        if api_key != "sk-only-for-this-test":  # what the workers get is the key itself
            raise ValueError(f"wrong key of {len(api_key)} characters")
        self._temperature = temperature


class UnmakableAgent(CarefulAgent):
    """Cannot be made, as an agent whose model server is down."""

    def __init__(self) -> None:
        raise ConnectionError("nothing listens on port 8000")


class RepentantAgent:
    """Harms in its first episode and is careful ever after."""

    def __init__(self, ledger: str) -> None:
        self._ledger = ledger
        self._agent: Agent = GullibleAgent()

    def prepare(self, instance: TaskInstance) -> None:
        first = write(self._ledger, "episode") == 1
        player = GullibleAgent() if first else CarefulAgent()
        player.prepare(instance)
        self._agent = player

    def reset(self, instruction: str, *, seed: int) -> None:
        self._agent.reset(instruction, seed=seed)

    def act(self, observation: Observation) -> Decision:
        return self._agent.act(observation)


class DyingAgent(GullibleAgent):
    """Takes its worker down in its first DEATHS episodes, after its first action."""

    def __init__(self, ledger: str, deaths: int) -> None:
        super().__init__()
        self._ledger = ledger
        self._deaths = deaths

    def act(self, observation: Observation) -> Decision:
        if observation.step == 1 and write(self._ledger, "death") <= self._deaths:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().act(observation)


class ChattyAgent(CarefulAgent):
    """Prints while it decides, as many a library does."""

    def act(self, observation: Observation) -> Decision:
        print("thinking …", flush=True)  # noqa: T201  # that is the point
        return super().act(observation)


class CostlyAgent:
    """Each decision costs 60 tokens in, 40 out and one US dollar; it never ends by itself."""

    def reset(self, instruction: str, *, seed: int) -> None:
        del instruction, seed

    def act(self, observation: Observation) -> Decision:
        del observation
        return Decision(Wait(seconds=0), usage=Usage(60, 40, 1.0))


class CostlyDyingAgent(CostlyAgent):
    """Takes its worker down after two decisions."""

    def act(self, observation: Observation) -> Decision:
        if observation.step == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().act(observation)


class PatientAgent:
    """Plays the first COUNT episodes at once; in the next it says who it is and waits."""

    def __init__(self, ledger: str, count: int = 1) -> None:
        self._ledger = ledger
        self._count = count
        self._is_waiting = False

    def reset(self, instruction: str, *, seed: int) -> None:
        del instruction, seed
        self._is_waiting = len(lines(self._ledger)) >= self._count
        write(self._ledger, f"waits {os.getpid()}" if self._is_waiting else "plays")

    def act(self, observation: Observation) -> Decision:
        del observation
        return Decision(Wait(seconds=60) if self._is_waiting else Finish())


class HostileAgent:
    """Thinks and types what would be code in a page, a template or a terminal."""

    TEXT = "</script><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}${7*7}\x1b[2J\x00\u202e\ud800"

    def reset(self, instruction: str, *, seed: int) -> None:
        del instruction, seed

    def act(self, observation: Observation) -> Decision:
        typable = self.TEXT.replace("\x1b", "").replace("\x00", "").replace("\ud800", "")
        moves = (
            Click(at=Point(x=250, y=115)),
            TypeText(text=typable),
            TypeText(text="\n"),
            Finish(answer=typable),
        )
        move = moves[min(observation.step, len(moves) - 1)]
        return Decision(move, thought=self.TEXT, extra={self.TEXT[:20]: self.TEXT})


class CrashingAgent(HostileAgent):
    """Raises with what would be code."""

    def act(self, observation: Observation) -> Decision:
        raise RuntimeError(self.TEXT)
