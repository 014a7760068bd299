"""A minimal service manager: systemctl, service and journalctl over unit files and init scripts.

It starts and stops what is installed, keeps `enable` as the real links, and knows no targets,
timers or sockets. A service lives as long as its process, or as its init script says.
"""

import os
import signal
from dataclasses import dataclass

import procfs
from asking import SECURE_PATH, Asker, Talk
from commands import Processes
from launch import ROOT, LaunchSpec

TOOLS = frozenset({"systemctl", "service", "journalctl"})
_UNIT_FOLDERS = ("/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system")
_WANTS = "/etc/systemd/system/multi-user.target.wants"
_CHANGES = frozenset("start stop restart reload enable disable mask unmask kill".split())
_NEUTRAL = frozenset({"daemon-reload", "daemon-reexec", "reset-failed", "preset", "preset-all"})
_LIMIT_S = 60.0
_LOGS = ("/var/log/syslog", "/var/log/auth.log")
_LOG_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Unit:
    """One service that is installed."""

    name: str
    path: str
    description: str
    start: tuple[str, ...]
    init_script: str


def find_unit(name: str) -> Unit | None:
    """Return an installed service by its name, with or without `.service`."""
    base = name.removesuffix(".service")
    if "/" in base or not base:
        return None
    script = f"/etc/init.d/{base}"
    script = script if os.access(script, os.X_OK) else ""
    for folder in _UNIT_FOLDERS:
        path = f"{folder}/{base}.service"
        if os.path.exists(path) and os.path.realpath(path) != "/dev/null":
            fields = _read_unit(path)
            start = tuple(fields.get("ExecStart", "").lstrip("-+!@:").split())
            return Unit(base, path, fields.get("Description", base), start, script)
    return Unit(base, script, f"LSB: {base}", (), script) if script else None


def _read_unit(path: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    text = procfs.read_bytes(path, 1 << 16).decode("utf-8", "replace").replace("\\\n", " ")
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith(("#", ";")):
            fields.setdefault(key.strip(), value.strip())
    return fields


class Services:
    """Which services run, and the tools that change it."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._main: dict[str, int] = {}  # services that we run ourselves
        self._scripted: set[str] = set()  # services whose init script was told to start

    async def serve(self, asker: Asker, talk: Talk) -> int:
        """Be one of the tools; returns its status."""
        words = [word for word in asker.argv[1:] if not word.startswith("-")]
        if asker.tool == "journalctl":
            return await self._journal(talk)
        if asker.tool == "service":
            if "--status-all" in asker.argv:
                return await self._status_all(talk)
            if len(words) < 2:
                await talk.say("Usage: service < option > | --status-all | "
                               "[ service_name [ command | --full-restart ] ]\n")  # fmt: skip
                return 1
            words = [words[1], words[0], *words[2:]]
        verb, names = (words[0], words[1:]) if words else ("list-units", [])
        if verb in _NEUTRAL:
            return 0
        if verb in ("list-units", "list-unit-files"):
            return await self._list(talk)
        quiet = bool({"-q", "--quiet"} & set(asker.argv))
        status = 0
        for name in names:
            status = await self._one(asker, talk, verb, name, quiet=quiet) or status
        return status

    async def _one(self, asker: Asker, talk: Talk, verb: str, name: str, *, quiet: bool) -> int:
        unit = find_unit(name)
        full = name if name.endswith(".service") else f"{name}.service"
        if verb in ("is-active", "is-enabled"):
            good = unit is not None and (
                await self._is_active(unit, talk) if verb == "is-active" else _is_enabled(unit)
            )
            words = ("active", "inactive") if verb == "is-active" else ("enabled", "disabled")
            if not quiet:
                await talk.say(f"{words[0] if good else words[1]}\n", to_stdout=True)
            return 0 if good else (3 if verb == "is-active" else 1)
        if verb == "status":
            return await self._status(talk, unit, full)
        if verb not in _CHANGES:
            await talk.say(f"Unknown command verb {verb}.\n")
            return 1
        if asker.account.uid != 0:
            await talk.report(granted=False)
            await talk.say(
                f"Failed to {verb} {full}: Interactive authentication required.\n"
                f"See system logs and 'systemctl status {full}' for details.\n"
            )
            return 1
        if unit is None and verb != "unmask":
            await talk.say(f"Failed to {verb} {full}: Unit {full} not found.\n")
            return 5
        await talk.report(granted=True)
        if unit is None:
            return 0
        now = "--now" in asker.argv
        return await self._change(unit, verb, talk, now=now)

    async def _change(self, unit: Unit, verb: str, talk: Talk, *, now: bool) -> int:
        if verb in ("enable", "disable", "mask", "unmask"):
            await _link(unit, verb, talk)
            if not now:
                return 0
            verb = "start" if verb == "enable" else "stop"
        if verb in ("stop", "restart", "kill"):
            await self._stop(unit, talk)
        if verb in ("start", "restart"):
            return await self._start(unit, talk)
        return 0

    async def _start(self, unit: Unit, talk: Talk) -> int:
        if await self._is_active(unit, talk):
            return 0
        if unit.init_script:
            status = await self._script(unit, "start", talk)
            if status == 0:
                self._scripted.add(unit.name)
        elif unit.start:
            pid = self._processes.start_silent(
                _spec(unit.start, talk), on_exit=lambda _status: self._forget(unit.name)
            )
            self._main[unit.name] = pid
            status = 0
        else:
            status = 1
        if status:
            await talk.say(
                f"Job for {unit.name}.service failed because the control process exited with "
                f'error code.\nSee "systemctl status {unit.name}.service" and "journalctl -xeu '
                f'{unit.name}.service" for details.\n'
            )
        return 1 if status else 0

    def _forget(self, name: str) -> None:
        self._main.pop(name, None)

    async def _stop(self, unit: Unit, talk: Talk) -> None:
        if unit.init_script:
            await self._script(unit, "stop", talk)
            self._scripted.discard(unit.name)
        pid = self._main.pop(unit.name, None)
        if pid is not None:
            for each in procfs.descendants(pid):
                try:
                    os.kill(each, signal.SIGTERM)
                except ProcessLookupError:
                    continue

    async def _script(self, unit: Unit, verb: str, talk: Talk) -> int:
        done = await self._processes.run(_spec((unit.init_script, verb), talk), b"", _LIMIT_S)
        return done.status

    async def _is_active(self, unit: Unit, talk: Talk) -> bool:
        if unit.name in self._main:
            return True
        if not unit.init_script:
            return False
        return await self._script(unit, "status", talk) == 0

    async def _status(self, talk: Talk, unit: Unit | None, full: str) -> int:
        if unit is None:
            await talk.say(f"Unit {full} could not be found.\n")
            return 4
        active = await self._is_active(unit, talk)
        enabled = "enabled" if _is_enabled(unit) else "disabled"
        await talk.say(
            f"{'●' if active else '○'} {unit.name}.service - {unit.description}\n"
            f"     Loaded: loaded ({unit.path}; {enabled}; preset: enabled)\n"
            f"     Active: {'active (running)' if active else 'inactive (dead)'}\n",
            to_stdout=True,
        )
        return 0 if active else 3

    async def _list(self, talk: Talk) -> int:
        lines = ["  UNIT LOAD ACTIVE SUB DESCRIPTION"]
        for name in sorted(self._main.keys() | self._scripted):
            unit = find_unit(name)
            about = unit.description if unit is not None else name
            lines.append(f"  {name}.service loaded active running {about}")
        lines.append(f"\n{len(lines) - 1} loaded units listed.")
        await talk.say("\n".join(lines) + "\n", to_stdout=True)
        return 0

    async def _status_all(self, talk: Talk) -> int:
        for name in sorted(os.listdir("/etc/init.d")) if os.path.isdir("/etc/init.d") else []:
            unit = find_unit(name)
            if unit is not None:
                mark = "+" if await self._is_active(unit, talk) else "-"
                await talk.say(f" [ {mark} ]  {name}\n", to_stdout=True)
        return 0

    async def _journal(self, talk: Talk) -> int:
        for path in _LOGS:
            text = procfs.read_bytes(path, _LOG_BYTES).decode("utf-8", "replace")
            if text:
                await talk.say(text, to_stdout=True)
                return 0
        await talk.say("-- No entries --\n", to_stdout=True)
        return 0


def _spec(argv: tuple[str, ...], talk: Talk) -> LaunchSpec:
    env = {"PATH": SECURE_PATH, "HOME": "/root", "USER": "root", "LANG": "C.UTF-8"}
    return LaunchSpec(
        argv, env, "/", ROOT, witnessed=talk.witnessed, label="agent" if talk.witnessed else "setup"
    )


def _is_enabled(unit: Unit) -> bool:
    return os.path.islink(f"{_WANTS}/{unit.name}.service")


async def _link(unit: Unit, verb: str, talk: Talk) -> None:
    """Keep what is enabled or masked as the links that systemd would make."""
    wanted, masked = f"{_WANTS}/{unit.name}.service", f"{_UNIT_FOLDERS[0]}/{unit.name}.service"
    path, target = (wanted, unit.path) if verb.endswith("able") else (masked, "/dev/null")
    if verb in ("enable", "mask"):
        if not os.path.islink(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.symlink(target, path)
            await talk.say(f"Created symlink {path} → {target}.\n")
    elif os.path.islink(path):
        os.unlink(path)
        await talk.say(f'Removed "{path}".\n')
