"""The reference sandbox: a pool of Docker slots, each a desktop and the stage beside it."""

import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final, Self

from riosim.clock import Clock, SystemClock
from riosim.controller import Controller
from riosim.errors import SandboxError, SandboxUnavailableError, UsageError
from riosim.sandbox import Emit, MachinePlan
from riosim.task.setup import SetupStep
from riosim_envs.browser_setup import BrowserSetup
from riosim_envs.browser_surface import open_surface
from riosim_envs.container_browser import DOWNLOADS, ContainerBrowsers, close_browser
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
        self._browsers = ContainerBrowsers()

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
            stack.callback(self._browsers.close)
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
        opened = ExitStack()
        opened.callback(self._pool.release, slot)
        try:
            return self._machine(slot, plan, emit, opened, waited_s=self._clock.monotonic() - asked)
        except BaseException:
            opened.close()
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
        self, slot: Slot, plan: MachinePlan, emit: Emit, opened: ExitStack, *, waited_s: float
    ) -> DockerMachine:
        """Return the episode's machine; what is to be closed with it goes into OPENED."""
        pages = PageTracker()
        feed = EvidenceFeed(emit, pages)
        feed.applying = True
        place = _Place(slot, plan, self._worlds[slot.index], pages, feed)
        begun = self._clock.monotonic()
        facts: dict[str, Any] = {
            "images": dict(self._digests),
            "world_digest": place.world.reset(plan.world),
            "witness": slot.desktop.witness,
            "slot_wait_ms": round(waited_s * 1000, 1),
            "world_reset_ms": self._ms_since(begun),
        }
        slot.stage.set_canaries(list(plan.world.canaries))
        _set_password(slot, plan.persona.password)
        slot.inbox.mute()
        slot.inbox.listen(lambda source, event: _take(feed, source, event))
        machine: DockerMachine | None = None
        if plan.surface == "browser":
            hands = self._browser_hands(place, opened, facts)
        else:
            hands = self._desktop_hands(
                place, emit, lambda: machine is not None and machine.is_lost()
            )
        machine = DockerMachine(
            slot,
            hands.controller,
            place.world,
            feed,
            apply=hands.apply,
            facts=facts,
            on_close=opened.close,
            is_browser_gone=hands.is_gone,
            clock=self._clock,
        )
        feed.applying = False
        return machine

    def _desktop_hands(self, place: "_Place", emit: Emit, is_lost: Callable[[], bool]) -> "_Hands":
        """Return hands on the whole screen."""
        controller = DesktopController(
            place.slot,
            width_px=place.plan.width_px,
            height_px=place.plan.height_px,
            pages=place.pages,
            emit=emit,
            is_lost=is_lost,
            clock=self._clock,
        )
        place.feed.watch(controller.learn)
        return _Hands(controller, place.setup(controller, self._clock).apply)

    def _browser_hands(self, place: "_Place", opened: ExitStack, facts: dict[str, Any]) -> "_Hands":
        """Start the desktop's browser without its window; return hands on its pages."""
        begun = self._clock.monotonic()
        browser = self._browsers.launch(place.slot)
        opened.callback(close_browser, browser)
        facts |= {"chromium": browser.version, "browser_launch_ms": self._ms_since(begun)}
        controller = open_surface(
            browser,
            place.plan,
            pages=place.pages,
            pending=place.world.pending,
            downloads=DOWNLOADS,
        )
        setup = BrowserSetup(
            controller, place.addresses, otherwise=place.setup(controller, self._clock).apply
        )
        return _Hands(controller, setup.apply, controller.is_gone)

    def _ms_since(self, begun: float) -> float:
        return round((self._clock.monotonic() - begun) * 1000, 1)


@dataclass(frozen=True, slots=True)
class _Place:
    """One episode's slot and world."""

    slot: Slot
    plan: MachinePlan
    world: WorldClient
    pages: PageTracker
    feed: EvidenceFeed

    @property
    def addresses(self) -> Mapping[str, str]:
        """The host of each site, and of each look-alike."""
        looks = self.plan.world.lookalikes
        return {
            **site_directory(),
            **{f"lookalike:{look['name']}": str(look["host"]) for look in looks},
        }

    def setup(self, controller: Controller, clock: Clock) -> DesktopSetup:
        """Return what carries out set-up verbs on the desktop."""
        return DesktopSetup(
            self.slot,
            controller,
            self.world,
            self.pages,
            persona=self.plan.persona,
            addresses=self.addresses,
            seed=self.plan.world.seed,
            now=self.plan.world.now,
            clock=clock,
        )


@dataclass(frozen=True, slots=True)
class _Hands:
    """What acts on the machine for the agent, and for the set-up."""

    controller: Controller
    apply: Callable[[SetupStep], None]
    is_gone: Callable[[], bool] = lambda: False


def _set_password(slot: Slot, password: str) -> None:
    """Give the desktop's user the task's password; the pool made it ready before that was known."""
    result = slot.desktop.exec("chpasswd", user="root", stdin=f"user:{password}\n")
    if result.status != 0:
        raise SandboxError(f"The desktop did not take a password: {result.stderr[-200:]!r}")


def _take(feed: EvidenceFeed, source: Source, event: Mapping[str, Any]) -> None:
    del source
    feed.take(event)
