"""The container beside the agent's machine: screen, hands, adware and world, as methods."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from riosim.errors import ProtocolError
from riosim_envs.agreed import agreed
from riosim_envs.channel import Answer, Channel
from riosim_envs.container import ContainerSpec, Running, remove_container, start_container
from riosim_envs.desktop_container import X_SOCKETS
from riosim_envs.engine import Engine
from riosim_envs.limits import ContainerLimits
from riosim_envs.picture_text import GreyPicture

__all__ = ["STAGE_UID", "Capture", "Quiet", "Stage", "Window", "stage_spec", "start_stage"]

STAGE_UID: Final = 10_001
_PROTOCOL: Final = 1
_HELLO_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Window:
    """A window on the screen; BOX is (x, y, width, height)."""

    id: str
    title: str
    app: str
    owner: Literal["session", "adware"]
    box: tuple[int, int, int, int]
    mapped: bool
    visible_fraction: float
    stacking: int

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Window":
        """Build a window from what the guest says; what it leaves out is empty."""
        x, y, width, height = (int(n) for n in data.get("box") or (0, 0, 0, 0))
        return cls(
            id=str(data["id"]),
            title=str(data.get("title", "")),
            app=str(data.get("app", "")),
            owner="adware" if data.get("owner") == "adware" else "session",
            box=(x, y, width, height),
            mapped=bool(data.get("mapped", True)),
            visible_fraction=float(data.get("visible_fraction", 1.0)),
            stacking=int(data.get("stacking", 0)),
        )


@dataclass(frozen=True, slots=True)
class Capture:
    """A frame: PNG, or rows of RGB bytes where it was asked for raw."""

    data: bytes
    width_px: int
    height_px: int
    t_ns: int  # of the stage's monotonic clock
    visible: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Quiet:
    """How long nothing has happened on the screen, and what the world still has in hand."""

    since_damage_ms: float
    since_window_change_ms: float
    n_requests: int
    n_pages: int


class Stage:
    """A running stage; every method is one request to its guest."""

    def __init__(self, engine: Engine, running: Running, limits: ContainerLimits) -> None:
        self.engine = engine
        self.container_id = running.id
        self.name = running.name
        self.channel: Channel = running.channel
        self.limits = limits
        self.has_screen = False

    def hello(self) -> dict[str, Any]:
        """Greet the guest and check its protocol."""
        facts = self.channel.request("hello", timeout_s=_HELLO_TIMEOUT_S).ok
        if facts.get("protocol") != _PROTOCOL:
            raise ProtocolError(
                f"The stage speaks protocol {facts.get('protocol')!r}, not {_PROTOCOL}: its "
                "image is of another version. Build it again with `riosim image build`."
            )
        return facts

    def start(self, *, width_px: int = 1280, height_px: int = 800) -> str:
        """Start the X server and load the hands; return the display's name."""
        with agreed("stage", "start"):
            size = {"width_px": width_px, "height_px": height_px}
            display = str(self.channel.request("start", size, timeout_s=30.0).ok["display"])
        self.has_screen = True
        return display

    def capture(
        self, *, form: Literal["png", "raw"] = "png", pointer: bool = True, timeout_s: float = 10.0
    ) -> Capture:
        """Return the frame on the screen."""
        args = {"format": form, "pointer": pointer}
        with agreed("stage", "capture"):
            answer = self.channel.request("capture", args, timeout_s=timeout_s)
            return Capture(
                data=answer.blob,
                width_px=int(answer.ok["width_px"]),
                height_px=int(answer.ok["height_px"]),
                t_ns=int(answer.ok["t_ns"]),
                visible=tuple(Window.from_json(one) for one in answer.ok.get("visible", ())),
            )

    def act(self, action: Mapping[str, Any], *, timeout_s: float = 60.0) -> int:
        """Perform one action in its JSON form; return the stage's moment of its end, in ns."""
        with agreed("stage", "act"):
            args = {"action": dict(action)}
            return int(self.channel.request("act", args, timeout_s=timeout_s).ok["t_ns"])

    def quiet(self, *, timeout_s: float = 10.0) -> Quiet:
        """Return how long the screen has been still."""
        with agreed("stage", "quiet"):
            ok = self.channel.request("quiet", timeout_s=timeout_s).ok
            world = ok.get("world") or {}
            return Quiet(
                since_damage_ms=float(ok["since_damage_ms"]),
                since_window_change_ms=float(ok["since_window_change_ms"]),
                n_requests=int(world.get("requests", 0)),
                n_pages=int(world.get("pages", 0)),
            )

    def windows(self, *, timeout_s: float = 10.0) -> list[Window]:
        """Return all windows, mapped or not."""
        with agreed("stage", "windows"):
            ok = self.channel.request("windows", timeout_s=timeout_s).ok
            return [Window.from_json(one) for one in ok["windows"]]

    def show_ad(self, ad: Mapping[str, Any]) -> str:
        """Show an adware window; return its id."""
        with agreed("stage", "ad.show"):
            return str(self.channel.request("ad.show", {"ad": dict(ad)}).ok["id"])

    def close_ad(self, ad_id: str) -> None:
        """Close an adware window."""
        self.channel.request("ad.close", {"id": ad_id})

    def ad_nodes(self) -> list[dict[str, Any]]:
        """Return the adware on the screen as accessibility nodes in their JSON form."""
        with agreed("stage", "ads"):
            return [dict(node) for node in self.channel.request("ads").ok["ads"]]

    def read_picture(self, picture: GreyPicture, *, timeout_s: float = 60.0) -> str:
        """Return the text in a picture, a line for each that was found (Tesseract, English)."""
        args = {"width_px": picture.width_px, "height_px": picture.height_px}
        with agreed("stage", "read_picture"):
            answer = self.channel.request("read_picture", args, picture.rows, timeout_s=timeout_s)
            return str(answer.ok["text"])

    def set_canaries(self, canaries: Sequence[Mapping[str, Any]]) -> None:
        """Say which secrets are looked for in what is copied; each has `id` and `value`."""
        values = [{"id": one["id"], "value": one["value"]} for one in canaries]
        self.channel.request("canaries", {"values": values})

    def reset(self, *, timeout_s: float = 30.0) -> None:
        """Start a fresh X server without adware."""
        self.channel.request("reset", timeout_s=timeout_s)

    def look(self, token: str) -> int:
        """Open the screen to a person who has TOKEN; return the port on the stage."""
        with agreed("stage", "look"):
            return int(self.channel.request("look", {"token": token}, timeout_s=30.0).ok["port"])

    def world(
        self, op: str, args: Mapping[str, Any] | None = None, *, timeout_s: float = 30.0
    ) -> Answer:
        """Ask the world for `world.OP`."""
        return self.channel.request(f"world.{op}", dict(args or {}), timeout_s=timeout_s)

    def close(self) -> None:
        """Throw the stage away; the second call does nothing."""
        self.channel.close()
        remove_container(self.engine, self.container_id)


def stage_spec(
    *,
    run_id: str,
    name: str,
    image: str,
    network: str,
    ip: str,
    sockets_volume: str,
    limits: ContainerLimits,
    runtime: str | None = None,
) -> ContainerSpec:
    """Return how a stage's container is made: no root, no capability, nothing to write on disk."""
    mine = f"uid={STAGE_UID},gid={STAGE_UID}"
    return ContainerSpec(
        role="stage",
        run_id=run_id,
        name=name,
        image=image,
        user=f"{STAGE_UID}:{STAGE_UID}",
        hostname="stage",
        network=network,
        ip=ip,
        dns_ip=ip,
        limits=limits,
        volumes={X_SOCKETS: (sockets_volume, "rw")},
        tmpfs={
            "/tmp": "size=256m,mode=1777",  # noqa: S108  # its own, nobody else's
            "/var/tmp": "size=64m,mode=1777",  # noqa: S108  # its own, too
            "/run": f"size=16m,mode=0755,{mine}",
            "/home/stage": f"size=64m,mode=0750,{mine}",
            "/var/lib/riosim": f"size=256m,mode=0750,{mine}",
        },
        read_only=True,
        runtime=runtime,
    )


def start_stage(
    engine: Engine, spec: ContainerSpec, *, on_event: Callable[[dict[str, Any]], None]
) -> Stage:
    """Start a stage and greet its guest; nothing is left behind if that fails."""
    stage = Stage(engine, start_container(engine, spec, on_event=on_event), spec.limits)
    greeted = False
    try:
        stage.hello()
        greeted = True
    finally:
        if not greeted:
            stage.close()
    return stage
