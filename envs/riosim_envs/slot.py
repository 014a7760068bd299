"""A slot: one isolated network with a stage that stays and a desktop that is fresh each time."""

import secrets
import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from riosim.errors import SandboxError
from riosim_envs.desktop import Desktop, start_desktop
from riosim_envs.desktop_container import desktop_spec
from riosim_envs.engine import Engine, docker_errors, missing_is_fine
from riosim_envs.labels import labels_for
from riosim_envs.limits import ContainerLimits, desktop_limits, stage_limits
from riosim_envs.network import (
    DEFAULT_POOL,
    SlotNetwork,
    create_door,
    create_network,
    remove_network,
)
from riosim_envs.stage import Stage, stage_spec, start_stage

__all__ = ["Inbox", "Listener", "Slot", "SlotSettings", "Source", "remove_volume"]

Source = Literal["stage", "desktop"]
Listener = Callable[[Source, dict[str, Any]], None]
_KEPT_EVENTS: Final = 10_000
_FIRST_UID: Final = 20_000
_UIDS_PER_SLOT: Final = 10


class SlotSettings(BaseModel):
    """How slots are made; frozen, and part of a run's manifest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$")]
    desktop_image: str
    stage_image: str
    hostname: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")] = "workstation"
    desktop_limits: ContainerLimits = Field(default_factory=desktop_limits)
    stage_limits: ContainerLimits = Field(default_factory=stage_limits)
    subnet_pool: str = DEFAULT_POOL
    runtime: str | None = None  # for example "runsc"


class Inbox:
    """Where a slot's events go: to whoever listens, or kept until somebody does.

    The listener is called on two threads, the stage's and the desktop's. It may make requests,
    and it must take events that come meanwhile.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[tuple[Source, dict[str, Any]]] = deque(maxlen=_KEPT_EVENTS)
        self._listener: Listener | None = None

    def take(self, source: Source, event: dict[str, Any]) -> None:
        """Hand an event on, or keep it."""
        with self._lock:
            listener = self._listener
            if listener is None:
                self._kept.append((source, event))
                return
        listener(source, event)

    def listen(self, listener: Listener) -> None:
        """Hand LISTENER what was kept, in order, and from now on everything."""
        while True:
            with self._lock:
                kept, self._kept = self._kept, deque(maxlen=_KEPT_EVENTS)
                if not kept:
                    self._listener = listener
                    return
            for source, event in kept:
                listener(source, event)

    def mute(self) -> None:
        """Forget the listener and what was kept."""
        with self._lock:
            self._listener = None
            self._kept.clear()


class Slot:
    """A place for one episode at a time; make it with `Slot.open`."""

    def __init__(
        self, engine: Engine, settings: SlotSettings, network: SlotNetwork, volume: str
    ) -> None:
        self.engine = engine
        self.settings = settings
        self.network = network
        self.inbox = Inbox()
        self._volume = volume
        self._prefix = volume.removesuffix("-x")
        self._n_desktops = 0
        self._stage: Stage | None = None
        self._desktop: Desktop | None = None
        self._cleanup = ExitStack()
        self._door: tuple[str, str] | None = None

    @classmethod
    def open(cls, engine: Engine, settings: SlotSettings) -> "Slot":
        """Make network, volume, stage and a first desktop; nothing is left if one fails."""
        with ExitStack() as stack:
            network = create_network(engine, settings.run_id, pool=settings.subnet_pool)
            stack.callback(remove_network, engine, network.id)
            token = secrets.token_hex(3)
            volume = f"riosim-{settings.run_id[:32]}-{network.index}-{token}-x"
            _create_volume(engine, settings.run_id, volume)
            stack.callback(remove_volume, engine, volume)
            slot = cls(engine, settings, network, volume)
            slot._stage = slot._start_stage()
            stack.callback(slot._stage.close)
            slot.renew_desktop()
            stack.callback(slot.drop_desktop)
            slot._cleanup = stack.pop_all()
        return slot

    @property
    def index(self) -> int:
        """The slot's number, unique on its engine."""
        return self.network.index

    @property
    def uid(self) -> int:
        """The numeric id of `user` here; its own, because the kernel counts some limits by it."""
        return _FIRST_UID + self.index * _UIDS_PER_SLOT

    @property
    def gid(self) -> int:
        """The numeric group of `user` here."""
        return self.uid

    @property
    def stage(self) -> Stage:
        """The stage, the same for the slot's whole life."""
        if self._stage is None:
            raise SandboxError(f"Slot {self.index} has no stage; it is closed.")
        return self._stage

    @property
    def desktop(self) -> Desktop:
        """The desktop of this episode."""
        if self._desktop is None:
            raise SandboxError(f"Slot {self.index} has no desktop now; `renew_desktop` makes one.")
        return self._desktop

    @property
    def is_well(self) -> bool:
        """Whether both channels are alive."""
        return (
            self._stage is not None
            and self._desktop is not None
            and self._stage.channel.lost is None
            and self._desktop.channel.lost is None
        )

    def renew_desktop(self) -> Desktop:
        """Throw the desktop away and start a fresh one."""
        self.drop_desktop()
        self._n_desktops += 1
        spec = desktop_spec(
            run_id=self.settings.run_id,
            name=f"{self._prefix}-desktop-{self._n_desktops}",
            image=self.settings.desktop_image,
            network=self.network.name,
            ip=self.network.desktop_ip,
            dns_ip=self.network.stage_ip,
            sockets_volume=self._volume,
            limits=self.settings.desktop_limits,
            hostname=self.settings.hostname,
            runtime=self.settings.runtime,
        )
        self._desktop = start_desktop(
            self.engine, spec, on_event=lambda event: self.inbox.take("desktop", event)
        )
        return self._desktop

    def drop_desktop(self) -> None:
        """Throw the desktop away, if there is one."""
        desktop, self._desktop = self._desktop, None
        if desktop is not None:
            desktop.close()

    def renew(self) -> None:
        """Make the slot fit for the next episode: fresh desktop, the stage reset in place.

        Raises:
            SandboxError: The stage has died or will not be reset; only a new slot helps.
        """
        self.drop_desktop()
        if self.stage.channel.lost is not None:
            raise SandboxError(f"Slot {self.index} cannot be renewed: {self.stage.channel.lost}")
        self.inbox.mute()
        if self.stage.has_screen:
            self.stage.reset()
        self.renew_desktop()

    def open_door(self) -> str:
        """Let a person on this host reach the stage; return the address for `stage.look`'s port."""
        if self._door is None:
            stage = self.stage.container_id
            self._door = create_door(self.engine, self.settings.run_id, self.network, stage)
        return self._door[1]

    def close(self) -> None:
        """Remove everything; the second call does nothing."""
        with ExitStack() as stack:
            if self._door is not None:
                stack.callback(remove_network, self.engine, self._door[0])
                self._door = None
            stack.callback(self._cleanup.close)
        self._stage = None

    def _start_stage(self) -> Stage:
        spec = stage_spec(
            run_id=self.settings.run_id,
            name=f"{self._prefix}-stage",
            image=self.settings.stage_image,
            network=self.network.name,
            ip=self.network.stage_ip,
            sockets_volume=self._volume,
            limits=self.settings.stage_limits,
            runtime=self.settings.runtime,
        )
        return start_stage(
            self.engine, spec, on_event=lambda event: self.inbox.take("stage", event)
        )


def _create_volume(engine: Engine, run_id: str, name: str) -> None:
    """Create the volume of X sockets: in memory, tiny, writable by all on the side that may."""
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=64k,mode=1777"}
    with docker_errors(f"creating the volume {name}"):
        engine.client.api.create_volume(
            name, driver="local", driver_opts=options, labels=labels_for(run_id, "sockets")
        )


def remove_volume(engine: Engine, name: str) -> None:
    """Remove a volume; one that is gone already is fine."""
    with docker_errors(f"removing the volume {name}"), missing_is_fine():
        engine.client.api.remove_volume(name)
