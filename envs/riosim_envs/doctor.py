"""What this machine lacks for riosim's sandboxes: one check a line, with the way to mend it."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from riosim.errors import RiosimError, SandboxUnavailableError
from riosim_envs.engine import Engine
from riosim_envs.image import image_status
from riosim_envs.reach import host_reachability

__all__ = ["Check", "Status", "checks"]

Status = Literal["ok", "warn", "fail", "absent"]
_GIB: Final = 2**30
_OLDEST: Final = (20, 10)
_DISK_BYTES: Final = 12 * _GIB  # images with what their build leaves behind
_DESKTOP_BYTES: Final = 1 * _GIB
_SYSCTL: Final = Path("/proc/sys")
_PLAYWRIGHT: Final = Path(".cache/ms-playwright")
_CHROMIUMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: `absent` is what may be missing, `fail` what may not."""

    name: str
    status: Status
    found: str
    needed: str
    how: str = ""  # to get it; empty if it is there


def checks(*, n_desktops: int = 4) -> list[Check]:
    """Look at everything, for N_DESKTOPS at once; takes a few seconds, changes nothing."""
    found = [*_of_this_machine(n_desktops), chromium(), gpu()]
    try:
        engine = Engine.connect(timeout_s=20.0)
    except SandboxUnavailableError as exc:
        how = "Install Docker Engine and start it; without it, tasks in the browser still run."
        return [Check("docker", "absent", str(exc)[:200], "an engine that answers", how), *found]
    try:
        return [*_of_the_engine(engine), *found]
    finally:
        engine.close()


def _of_the_engine(engine: Engine) -> Iterator[Check]:
    facts = engine.facts
    answers = f"{facts.version} on {facts.kernel} ({facts.architecture})"
    yield Check("docker", "ok", answers, "an engine that answers")
    yield version(facts.version)
    yield cgroup_limits(facts.warnings, facts.cgroup_version)
    yield runtimes(facts.runtimes)
    yield _guarded("images", lambda: images(engine))
    yield _guarded("network isolation", lambda: isolation(engine))


def _of_this_machine(n_desktops: int) -> Iterator[Check]:
    yield user_namespaces(_SYSCTL)
    yield seccomp_notification(_SYSCTL)
    yield inotify(_SYSCTL, n_desktops)
    yield memory(_available_memory(), n_desktops)
    yield disk(shutil.disk_usage("/").free)


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except RiosimError as exc:
        how = "See the message; `riosim sandbox prune` removes what crashed runs left."
        return Check(name, "fail", str(exc)[:300], "the check itself to run", how)


# the engine


def version(text: str) -> Check:
    """Whether the engine is new enough."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", text)[:2])
    needed = ".".join(str(number) for number in _OLDEST) + " or later"
    if len(numbers) == 2 and numbers >= _OLDEST:
        return Check("docker version", "ok", text, needed)
    return Check("docker version", "fail", text, needed, "Upgrade Docker Engine.")


def cgroup_limits(warnings: tuple[str, ...], cgroup_version: int) -> Check:
    """Whether limits of memory, processes and CPU are kept, by what the engine warns of."""
    needed = "limits of memory, processes and CPU"
    wrong = [
        one for one in warnings if re.search(r"No (memory|pids|cpu cfs|kernel mem).* limit", one)
    ]
    if not wrong:
        return Check("cgroup limits", "ok", f"version {cgroup_version}", needed)
    how = "Boot with cgroup_enable=memory, or use cgroup version 2 with delegation if rootless."
    return Check("cgroup limits", "fail", "; ".join(wrong), needed, how)


def runtimes(names: tuple[str, ...]) -> Check:
    """Whether there is a stronger runtime than the usual one."""
    found = ", ".join(names)
    if "runsc" in names:
        return Check("stronger runtime", "ok", found, "runsc (may be missing)")
    return Check("stronger runtime", "absent", found, "runsc (may be missing)", "Install gVisor.")


def images(engine: Engine) -> Check:
    """Whether desktop and stage are built from the present sources."""
    wrong = [one for one in image_status(engine.client) if one.state != "current"]
    wrong = [one for one in wrong if one.name in {"desktop", "stage"}]
    if not wrong:
        return Check("images", "ok", "current", "desktop and stage, current")
    found = ", ".join(f"{one.name} {one.state}" for one in wrong)
    status: Status = "warn" if all(one.state == "stale" for one in wrong) else "absent"
    return Check("images", status, found, "desktop and stage, current", "Run `riosim image build`.")


def isolation(engine: Engine) -> Check:
    """Whether a container on a slot's network reaches this host."""
    needed = "no address of this host answers a desktop"
    tags = [one.tag for one in image_status(engine.client) if one.name in {"stage", "desktop"}]
    tags += ["riosim/stage:latest", "riosim/desktop:latest"]  # a stale one serves as well
    image = next((tag for tag in tags if engine.image_digest(tag)), None)
    if image is None:
        how = "Run `riosim image build`, then this again."
        return Check("network isolation", "absent", "not tried: no image", needed, how)
    reached = host_reachability(engine, image)
    if not reached:
        return Check("network isolation", "ok", "nothing answered", needed)
    found = ", ".join(sorted({f"{one.host}:{one.port}" for one in reached}))
    how = "Do not run agents here: this engine's networks lead to the host. Upgrade the engine."
    return Check("network isolation", "fail", f"reached {found}", needed, how)


# the kernel


def user_namespaces(sysctl: Path) -> Check:
    """Whether Chromium's own sandbox can work, in the desktop and embedded."""
    needed = "user namespaces for everybody"
    switches = {
        "kernel.unprivileged_userns_clone": ("0", "1"),
        "kernel.apparmor_restrict_unprivileged_userns": ("1", "0"),
        "user.max_user_namespaces": ("0", "10000"),
    }
    for name, (bad, good) in switches.items():
        value = _read(sysctl / name.replace(".", "/"))
        if value == bad:
            how = f"sysctl -w {name}={good}"
            return Check("user namespaces", "fail", f"{name} = {value}", needed, how)
    most = _read(sysctl / "user/max_user_namespaces") or "unknown"
    return Check("user namespaces", "ok", f"at most {most}", needed)


def seccomp_notification(sysctl: Path) -> Check:
    """Whether every command of the session can be witnessed."""
    needed = "seccomp with user notification (Linux 5.0)"
    actions = _read(sysctl / "kernel/seccomp/actions_avail")
    if "user_notif" in actions.split():
        return Check("seccomp notification", "ok", "user_notif", needed)
    how = "Use a kernel with CONFIG_SECCOMP_FILTER; without it commands are not evidence."
    return Check("seccomp notification", "fail", actions or "no seccomp", needed, how)


def inotify(sysctl: Path, n_desktops: int) -> Check:
    """Whether the supervisors, all of one uid, get their inotify instances."""
    wanted = 64 + 8 * n_desktops
    needed = f"fs.inotify.max_user_instances ≥ {wanted} for {n_desktops} desktops"
    value = _read(sysctl / "fs/inotify/max_user_instances")
    if not value.isdigit():
        return Check("inotify", "warn", "unknown", needed, "Look on the machine of the engine.")
    if int(value) >= wanted:
        return Check("inotify", "ok", value, needed)
    how = f"sysctl -w fs.inotify.max_user_instances={max(512, wanted)}"
    return Check("inotify", "warn", value, needed, how)


# room


def memory(available_bytes: int | None, n_desktops: int) -> Check:
    """Whether there is room for the desktops."""
    needed = f"{n_desktops * _DESKTOP_BYTES / _GIB:.0f} GiB for {n_desktops} desktops"
    if available_bytes is None:
        return Check("memory", "warn", "unknown", needed, "Look on the machine of the engine.")
    found = f"{available_bytes / _GIB:.1f} GiB available"
    if available_bytes >= n_desktops * _DESKTOP_BYTES:
        return Check("memory", "ok", found, needed)
    return Check("memory", "warn", found, needed, "Run fewer desktops at once (-n).")


def disk(free_bytes: int) -> Check:
    """Whether there is room for the images."""
    needed, found = f"{_DISK_BYTES / _GIB:.0f} GiB free", f"{free_bytes / _GIB:.0f} GiB free"
    if free_bytes >= _DISK_BYTES:
        return Check("disk", "ok", found, needed)
    return Check("disk", "warn", found, needed, "Make room, for example `docker builder prune`.")


# what else


def chromium() -> Check:
    """Whether the embedded sandbox has a browser."""
    needed = "Chromium, for the embedded sandbox"
    path = next((found for name in _CHROMIUMS if (found := shutil.which(name))), None)
    if path is None:
        downloads = sorted((Path.home() / _PLAYWRIGHT).glob("chromium*"))
        path = str(downloads[-1]) if downloads else None
    if path is not None:
        return Check("chromium", "ok", path, needed)
    how = "Install your system's chromium, or run `playwright install chromium`."
    return Check("chromium", "absent", "none", needed, how)


def gpu() -> Check:
    """Whether a model can run in process on a GPU; no sandbox needs one."""
    needed = "a GPU (may be missing)"
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return Check("gpu", "absent", "no nvidia-smi", needed, "Only for models run in process.")
    try:
        done = subprocess.run(  # noqa: S603  # a fixed command, found on the path
            [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Check("gpu", "warn", "nvidia-smi hangs", needed, "Look at the driver.")
    names = "; ".join(done.stdout.split("\n")[:8]).strip("; ")
    if done.returncode == 0 and names:
        return Check("gpu", "ok", names, needed)
    return Check("gpu", "warn", (done.stderr or done.stdout)[:200], needed, "Look at the driver.")


def _available_memory() -> int | None:
    match = re.search(r"^MemAvailable:\s+(\d+) kB", _read(Path("/proc/meminfo")), re.MULTILINE)
    return int(match[1]) * 1024 if match else None


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
