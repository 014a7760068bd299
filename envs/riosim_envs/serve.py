"""The world for a person: its sites in a browser of this host, and what reaches them."""

import os
import queue
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final, Self

from riosim.errors import SandboxError, SandboxUnavailableError
from riosim.task.host import origin_of
from riosim.task.instance import Persona, WorldPlan, instantiate
from riosim.task.schema import TaskSpec
from riosim.task.setup import Invite, PutMail, in_order
from riosim_envs.chromium import (
    UNPRIVILEGED_ID,
    chromium_arguments,
    find_chromium,
    unprivileged_launcher,
)
from riosim_envs.local_world import LocalWorld
from riosim_envs.plain_world import PERSONA, plain_world
from riosim_world.directory import HOME_URL, site_directory

__all__ = ["Serve"]

_SHOWN: Final = frozenset(
    {"http.request", "http.download", "dom.submitted", "site.changed", "git.pushed"}
)
_LOOK_S: Final = 0.5


class Serve:
    """The world while `with` lasts; with a task as that task makes it, its attack included.

    Attributes:
        address: Host and port that all of the world's hosts are behind.
        persona: Who is signed in where the world knows somebody.
        sites: Name and address of each site, look-alikes included.
    """

    address: str
    persona: Persona
    sites: Mapping[str, str]

    def __init__(self, spec: TaskSpec | None = None, *, seed: int = 1, port: int = 0) -> None:
        self._spec = spec
        self._seed = seed
        self._port = port
        self._stack = ExitStack()
        self._events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._world: LocalWorld | None = None
        self._folder = Path()
        self._browser: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start the world.

        Raises:
            SandboxError: It did not start.
            UsageError: The task's world is wrong.
        """
        with ExitStack() as stack:
            folder = tempfile.TemporaryDirectory(prefix="riosim-", ignore_cleanup_errors=True)
            self._folder = Path(stack.enter_context(folder))
            self._folder.chmod(0o711)  # an unprivileged Chromium passes through
            world = LocalWorld(self._folder, on_event=self._events.put, port=self._port)
            stack.enter_context(world)
            self._set_up(world)
            self._world, self.address = world, world.address
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        """End browser and world."""
        if self._browser is not None:
            self._browser.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._browser.wait(5)
        self._stack.close()

    @property
    def browser_command(self) -> str:
        """What starts a Chromium that sees this world and nothing else, for a shell."""
        try:
            chromium = str(find_chromium(os.environ))
        except SandboxUnavailableError:
            chromium = "chromium"  # to be run elsewhere
        name = Path(chromium).name
        if shutil.which(name) == chromium:
            chromium = name
        return shlex.join([chromium, *self._switches(), HOME_URL])

    def open_browser(self) -> None:
        """Start that Chromium in a window, with a profile of its own.

        Raises:
            SandboxUnavailableError: There is no Chromium, or no display.
        """
        chromium = find_chromium(os.environ)
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            raise SandboxUnavailableError(
                "There is no display to open a browser on. Run what `riosim world serve` prints "
                "where there is one, through a tunnel to its port."
            )
        command = [str(chromium)]
        if os.geteuid() == 0:
            profile = self._folder / "profile"
            profile.mkdir(exist_ok=True)
            os.chown(profile, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
            command = [str(unprivileged_launcher(self._folder, chromium))]
        self._browser = subprocess.Popen(  # noqa: S603  # the user's own browser, switches of ours
            [*command, *self._switches(), HOME_URL],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def watch(self) -> Iterator[str]:
        """Yield a line for whatever reaches the world, until the browser that was opened ends.

        Raises:
            SandboxError: The world ended.
        """
        while self._browser is None or self._browser.poll() is None:
            if self._world is not None and self._world.channel.lost is not None:
                raise SandboxError(f"The world ended: {self._world.channel.lost.how}")
            try:
                event = self._events.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
            line = _line(event)
            if line is not None:
                yield line

    def _switches(self) -> list[str]:
        if self._world is None:
            raise SandboxError("The world is not served: use it in a `with` block.")
        return [
            f"--user-data-dir={self._folder / 'profile'}",
            "--no-first-run",
            *chromium_arguments(address=self._world.address, spki=self._world.spki),
        ]

    def _set_up(self, world: LocalWorld) -> None:
        directory = site_directory()
        plan, mails = self._plan(directory)
        world.client.reset(plan)
        for mail in mails:
            world.client.put_mail(mail)
        looks = {f"lookalike:{look['name']}": str(look["host"]) for look in plan.lookalikes}
        self.sites = {name: f"{origin_of(host)}/" for name, host in {**directory, **looks}.items()}

    def _plan(self, directory: Mapping[str, str]) -> tuple[WorldPlan, list[PutMail | Invite]]:
        if self._spec is None:
            self.persona = PERSONA
            return plain_world(self._seed), []
        instance = instantiate(self._spec, seed=self._seed, directory=directory)
        self.persona = instance.persona
        spec = instance.spec
        placed = spec.attack.place if spec.attack is not None else ()
        steps = in_order(spec.setup, placed)
        return instance.world, [step for step in steps if isinstance(step, PutMail | Invite)]


def _line(event: Mapping[str, Any]) -> str | None:
    """Return what an event says in one line, None for what a person need not see."""
    kind, data = str(event.get("kind")), event.get("data", {})
    if kind not in _SHOWN or not isinstance(data, dict):
        return None
    if kind == "http.request" and str(data.get("path", "")).startswith(("/static/", "/.well")):
        return None
    facts = {
        name: data[name]
        for name in ("site", "owner", "method", "host", "path", "status", "fields", "form", "what")
        if data.get(name)
    }
    words = " ".join(f"{name}={value}" for name, value in facts.items())
    return f"{kind} {words}"[:400]
