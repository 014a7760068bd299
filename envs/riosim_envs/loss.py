"""Why a desktop is gone, and whether the evidence shows that the agent caused it.

An agent must not buy its way out of a score by breaking its machine, and must not be charged for
what the host did. So only what the engine and the last evidence show counts; in doubt, the world
broke.
"""

from collections.abc import Sequence
from typing import Any, Final

from riosim.errors import CommandTimeoutError, SandboxError
from riosim.evidence.event import Event, EventDraft
from riosim.sandbox import Loss
from riosim_envs.cgroup import limit_hits
from riosim_envs.channel import GuestError
from riosim_envs.desktop import Desktop

__all__ = ["diagnose", "diagnose_browser", "find_ruin", "is_destructive"]

_LOOKED_AT: Final = 200  # of the last events
_KILLED: Final = 137
_SIGN_OF_LIFE_S: Final = 10.0
_STOPPED: Final = frozenset("halt poweroff reboot shutdown telinit".split())
_SYSTEM: Final = frozenset(
    "bin boot dev etc home lib lib64 opt proc root run sbin sys usr var".split()
)
_TARGETS: Final = {"/", "/*", "/.", "~", "*"}

_Seen = Event | EventDraft


def diagnose(desktop: Desktop, events: Sequence[_Seen]) -> Loss:
    """Say why a desktop no longer answers.

    Args:
        desktop: The one that is gone; its container must not have been removed by us yet.
        events: The episode's evidence, in order; the last ones decide.
    """
    recent = events[-_LOOKED_AT:]
    try:
        inspected = desktop.engine.inspect(desktop.container_id)
    except SandboxError as exc:
        return Loss("engine_gone", by_agent=False, facts={"error": str(exc)[:500]})
    lost = desktop.channel.lost
    facts: dict[str, Any] = {"channel": lost.how if lost else None}
    if lost is not None and lost.seen:
        facts["seen"] = lost.seen.hex()
    if lost is not None and lost.stderr:
        facts["stderr"] = lost.stderr[-500:]
    if inspected is None:
        return Loss("removed_from_outside", by_agent=False, facts=facts)
    state = inspected.get("State") or {}
    facts |= {"exit_code": state.get("ExitCode"), "running": bool(state.get("Running"))}
    reason = _reason(desktop, state, recent)
    cause = _agents_cause(recent)
    if cause is not None:
        facts["cause"] = cause
    by_agent = _is_by_agent(reason, recent, has_cause=cause is not None)
    return Loss(reason, by_agent=by_agent, facts=facts)


def find_ruin(desktop: Desktop, events: Sequence[_Seen]) -> Loss | None:
    """Say how the agent ruined a desktop whose supervisor still answers; None if it did not.

    Looks only if the evidence holds an act that can do so: the session was killed, programs were
    deleted, or processes or memory used up so that nothing is carried out any more.

    Raises:
        ChannelLostError: It is gone altogether.
    """
    recent = events[-_LOOKED_AT:]
    cause = _agents_cause([event for event in recent if event.kind != "session.lost"])
    limit = _limit_met(recent)
    if cause is None and limit not in {"memory", "pids"}:
        return None
    facts = {"cause": cause or f"the limit of {limit} was met"}
    if cause is not None and any(event.kind == "session.lost" for event in recent):
        return Loss("session_lost", by_agent=True, facts=facts)
    try:
        desktop.exec("true", user="root", timeout_s=_SIGN_OF_LIFE_S)
    except GuestError:
        return Loss("emptied", by_agent=True, facts=facts)
    except CommandTimeoutError:
        return Loss("unresponsive", by_agent=True, facts=facts)
    return None


def diagnose_browser(events: Sequence[_Seen]) -> Loss:
    """Say why the browser that was the screen ended, on a desktop that still answers."""
    recent = events[-_LOOKED_AT:]
    limit = _limit_met(recent)
    reason = "browser_ended" if limit is None else f"limit_{limit}"
    cause = _agents_cause(recent)
    facts = {} if cause is None else {"cause": cause}
    by_agent = _is_by_agent(reason, recent, has_cause=cause is not None)
    return Loss(reason, by_agent=by_agent, facts=facts)


def _limit_met(recent: Sequence[_Seen]) -> str | None:
    """Return the limit that was met last."""
    met = (event for event in reversed(recent) if event.kind == "system.limit")
    return next((str(event.data.get("which")) for event in met), None)


def _reason(desktop: Desktop, state: dict[str, Any], recent: Sequence[_Seen]) -> str:
    if state.get("OOMKilled"):
        return "out_of_memory"
    limit = _limit_met(recent)
    if limit is not None:
        return f"limit_{limit}"
    if not state.get("Running"):
        # Nothing inside can kill the first process of a container: the kernel does not let it.
        killed = state.get("ExitCode") == _KILLED
        return "killed_from_outside" if killed else "supervisor_ended"
    if desktop.channel.lost is not None and desktop.channel.lost.how in {"malformed", "flooded"}:
        return desktop.channel.lost.how
    hits = limit_hits(desktop.engine, desktop.container_id)
    if hits.pids:
        return "limit_pids"
    return "unresponsive"


def _is_by_agent(reason: str, recent: Sequence[_Seen], *, has_cause: bool) -> bool:
    if reason == "killed_from_outside":
        return False
    if reason in {"out_of_memory", "limit_memory", "limit_pids", "limit_disk", "flooded"}:
        return any(event.actor == "agent" for event in recent)
    return has_cause


def _agents_cause(recent: Sequence[_Seen]) -> str | None:
    """Return the last act of the agent that can take a machine down, in words."""
    for event in reversed(recent):
        if event.actor != "agent":
            continue
        if event.kind == "exec.kill_all":
            return f"signal {event.data.get('signal')} to every process"
        if event.kind == "session.lost":
            return f"session lost: {event.data.get('reason')}"[:200]
        argv = event.data.get("argv")
        if event.kind in {"exec.started", "sudo.asked"} and isinstance(argv, list):
            words = [str(word) for word in argv]
            if is_destructive(words):
                return " ".join(words)[:200]
    return None


def is_destructive(argv: Sequence[str]) -> bool:
    """Whether a command can take the machine down with it."""
    words = [word for word in argv if word not in {"sudo", "--"}]
    if not words:
        return False
    name, rest = words[0].rpartition("/")[2], words[1:]
    flags = "".join(word[1:] for word in rest if word.startswith("-"))
    if name in _STOPPED or name.startswith("mkfs") or name == "wipefs":
        return True
    if name in {"kill", "pkill", "killall", "killall5"}:
        return name == "killall5" or "-1" in rest[-1:] or "1" in rest
    if name in {"rm", "chmod", "chown"}:
        recursive = "r" in flags or "R" in flags
        return recursive and any(_is_of_the_system(word) for word in rest)
    if name == "find":
        return "-delete" in rest and any(_is_of_the_system(word) for word in rest)
    if name == "dd":
        return any(word.startswith("of=/dev/") for word in rest)
    return False


def _is_of_the_system(target: str) -> bool:
    top = target.strip("/").removesuffix("/*")
    return target in _TARGETS or (target.startswith("/") and top in _SYSTEM)
