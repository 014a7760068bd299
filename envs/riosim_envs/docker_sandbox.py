"""The reference sandbox: a pool of Docker slots, each a desktop and the stage beside it."""

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Final, Self

from riosim.clock import Clock, SystemClock
from riosim.errors import SandboxError, SandboxUnavailableError, UsageError
from riosim.sandbox import Emit, MachinePlan
from riosim_envs.desktop_controller import DesktopController
from riosim_envs.desktop_facts import SessionSettings
from riosim_envs.desktop_setup import DesktopSetup
from riosim_envs.docker_machine import DockerMachine
from riosim_envs.engine import Engine
from riosim_envs.evidence_feed import EvidenceFeed
from riosim_envs.image import image_tag
from riosim_envs.page_tracker import PageTracker
from riosim_envs.pool import Pool
from riosim_envs.slot import Slot, SlotSettings, Source
from riosim_envs.world_client import WorldClient
from riosim_world.directory import site_directory

__all__ = ["DockerSandbox"]

_DEFAULT_SLOTS: Final = 2  # one in use, one being made ready
_WIDTH_PX: Final = 1280
_HEIGHT_PX: Final = 800


class DockerSandbox:
    """Plays every task, each episode on a fresh desktop of its own."""

    name = "docker"
    surfaces = frozenset({"browser", "desktop"})

    def __init__(
        self,
        *,
        run_id: str | None = None,
        slots: int = _DEFAULT_SLOTS,
        runtime: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._run_id = run_id or f"adhoc-{secrets.token_hex(4)}"
        self._n_slots = slots
        self._runtime = runtime
        self._clock = clock or SystemClock()
        self._stack = ExitStack()
        self._engine: Engine | None = None
        self._pool: Pool | None = None
        self._worlds: dict[int, WorldClient] = {}
        self._digests: dict[str, str] = {}

    @classmethod
    def why_not(cls) -> str | None:
        """Return why it cannot work here: no engine, or no images."""
        try:
            engine = Engine.connect(timeout_s=5)
        except SandboxUnavailableError as exc:
            return str(exc)
        try:
            missing = [n for n in ("desktop", "stage") if engine.image_digest(image_tag(n)) is None]
        except SandboxError as exc:
            return str(exc)
        finally:
            engine.close()
        if missing:
            return f"the image {' and '.join(missing)} is missing: run `riosim image build`"
        return None

    def __enter__(self) -> Self:
        """Begin to fill the pool."""
        with ExitStack() as stack:
            engine = Engine.connect()
            stack.callback(engine.close)
            for name in ("desktop", "stage"):
                digest = engine.image_digest(image_tag(name))
                if digest is None:
                    raise SandboxUnavailableError(
                        f"The {name} image is missing or of another version. "
                        "Build it with `riosim image build`."
                    )
                self._digests[name] = digest
            settings = SlotSettings(
                run_id=self._run_id,
                desktop_image=image_tag("desktop"),
                stage_image=image_tag("stage"),
                runtime=self._runtime,
            )
            self._engine = engine
            self._pool = stack.enter_context(
                Pool(engine, settings, size=self._n_slots, prepare=self._prepare)
            )
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        """Remove every container, network and volume of ours."""
        self._stack.close()

    def directory(self) -> Mapping[str, str]:
        """Return each genuine site and its host."""
        return site_directory()

    def start(self, plan: MachinePlan, emit: Emit) -> DockerMachine:
        """Take a slot from the pool and make its world the plan's."""
        if self._pool is None:
            raise SandboxError("The Docker sandbox is not open: use it in a `with` block.")
        if (plan.width_px, plan.height_px) != (_WIDTH_PX, _HEIGHT_PX):
            raise UsageError(f"The Docker desktop is {_WIDTH_PX}x{_HEIGHT_PX} pixels.")
        asked = self._clock.monotonic()
        slot = self._pool.acquire()
        try:
            return self._machine(slot, plan, emit, waited_s=self._clock.monotonic() - asked)
        except BaseException:
            self._pool.release(slot)
            raise

    def manifest(self) -> Mapping[str, Any]:
        """Return what identifies the sandbox."""
        return {
            "name": self.name,
            "images": dict(self._digests),
            "engine": self._engine.describe() if self._engine else "",
            "runtime": self._runtime or "default",
        }

    def _prepare(self, slot: Slot) -> None:
        """Start screen, world and session of a slot; runs on a thread of the pool."""
        display = slot.stage.start(width_px=_WIDTH_PX, height_px=_HEIGHT_PX)
        world = self._worlds.get(slot.index)
        if world is None or not world.ca_pem:
            world = WorldClient(
                lambda op, args, timeout_s: slot.stage.channel.request(
                    op, dict(args), timeout_s=timeout_s
                )
            )
            world.hello()
            self._worlds[slot.index] = world
        slot.desktop.start(
            SessionSettings(
                display=display,
                uid=slot.uid,
                gid=slot.gid,
                dns_ip=slot.network.stage_ip,
                hostname="workstation",
            ),
            world.ca_pem,
        )

    def _machine(
        self, slot: Slot, plan: MachinePlan, emit: Emit, *, waited_s: float
    ) -> DockerMachine:
        pool = self._pool
        if pool is None:
            raise SandboxError("The Docker sandbox was closed.")
        pages = PageTracker()
        feed = EvidenceFeed(emit, pages)
        feed.applying = True
        world = self._worlds[slot.index]
        begun = self._clock.monotonic()
        digest = world.reset(plan.world)
        slot.stage.set_canaries(list(plan.world.canaries))
        _set_password(slot, plan.persona.password)
        slot.inbox.mute()
        slot.inbox.listen(lambda source, event: _take(feed, source, event))
        looks = {f"lookalike:{look['name']}": str(look["host"]) for look in plan.world.lookalikes}
        machine: DockerMachine | None = None
        controller = DesktopController(
            slot,
            width_px=plan.width_px,
            height_px=plan.height_px,
            pages=pages,
            emit=emit,
            is_lost=lambda: machine is not None and machine.is_lost(),
            clock=self._clock,
        )
        feed.watch(controller.learn)
        setup = DesktopSetup(
            slot,
            controller,
            world,
            pages,
            persona=plan.persona,
            addresses={**site_directory(), **looks},
            seed=plan.seed,
            clock=self._clock,
        )
        machine = DockerMachine(
            slot,
            controller,
            world,
            feed,
            apply=setup.apply,
            facts={
                "images": dict(self._digests),
                "world_digest": digest,
                "witness": slot.desktop.witness,
                "slot_wait_ms": round(waited_s * 1000, 1),
                "world_reset_ms": round((self._clock.monotonic() - begun) * 1000, 1),
            },
            on_close=lambda: pool.release(slot),
        )
        feed.applying = False
        return machine


def _set_password(slot: Slot, password: str) -> None:
    """Give the desktop's user the task's password; the pool made it ready before that was known."""
    result = slot.desktop.exec("chpasswd", user="root", stdin=f"user:{password}\n")
    if result.status != 0:
        raise SandboxError(f"The desktop did not take a password: {result.stderr[-200:]!r}")


def _take(feed: EvidenceFeed, source: Source, event: Mapping[str, Any]) -> None:
    del source
    feed.take(event)
