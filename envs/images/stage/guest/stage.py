"""The stage: the X server and everything that looks at it or reaches into it."""

import contextlib
import threading
import time
from typing import Any

from ads import run_ads
from channel import Channel, RefusalError
from frame import FrameBuffer
from hands import run_hands
from keymap import act_limit_s
from png import PngEncoder
from pointer import Pointer
from watch import run_watch
from worker import Worker
from xserver import DISPLAY, XServer

__all__ = ["Stage"]

_SYNC_LIMIT_S = 0.015
_AD_LIMIT_S = 5.0
_READY_LIMIT_S = 10.0
_PIXELS = range(200, 4_001)


class Stage:
    """What is on the screen, and the hands; one method for each operation of the host."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._server = XServer()
        self._frames: FrameBuffer | None = None
        self._pointer: Pointer | None = None
        self._hands: Worker | None = None
        self._watch: Worker | None = None
        self._ads: Worker | None = None
        self._png = PngEncoder()
        self._canaries: list[tuple[str, str]] = []
        self._windows: list[dict[str, Any]] = []
        self._windows_changed_ns = time.monotonic_ns()
        self._lock = threading.RLock()  # one start or reset at a time

    def start(self, width_px: int, height_px: int) -> dict[str, Any]:
        """Bring up the X server with a screen of that size."""
        if width_px not in _PIXELS or height_px not in _PIXELS:
            raise RefusalError("bad_request", f"No screen is {width_px}x{height_px} pixels.")
        with self._lock:
            self.stop()
            self._server.start(width_px, height_px)
            self._frames = FrameBuffer(self._server.frame_file)
            self._png = PngEncoder()
            self._windows, self._windows_changed_ns = [], time.monotonic_ns()
            self._pointer = Pointer(DISPLAY, self._heard_silence)
            hands = Worker(run_hands, DISPLAY, heard=self._heard)
            watch = Worker(run_watch, DISPLAY, width_px, height_px, heard=self._heard)
            self._hands, self._watch = hands, watch
            watch.tell("canaries", self._canaries)
            _wait_until_ready(watch)
            _wait_until_ready(hands)
        return {"display": DISPLAY}

    def reset(self) -> dict[str, Any]:
        """Replace the X server by a fresh one of the same size; adware and secrets go."""
        if not self._server.width_px:
            raise RefusalError("bad_request", "There is no screen to reset; ask for `start` first.")
        self._canaries = []
        self.start(self._server.width_px, self._server.height_px)
        return {}

    def stop(self) -> None:
        """End everything on the stage."""
        for worker in (self._ads, self._watch, self._hands):
            if worker is not None:
                worker.stop()
        self._ads = self._watch = self._hands = None
        if self._pointer is not None:
            self._pointer.stop()
        self._server.stop()

    def capture(self, form: str, *, pointer: bool) -> tuple[dict[str, Any], bytes]:
        """Return the screen as it is now, and which windows can be seen on it."""
        frames = self._screen()
        if form not in {"png", "raw"}:
            raise RefusalError("bad_request", f"A picture cannot be had as {form[:20]!r}.")
        cursor = self._pointer.current() if pointer and self._pointer else None
        picture = frames.picture(cursor)
        moment = time.monotonic_ns()
        self._sync_windows()
        blob = self._png.encode(picture) if form == "png" else picture.tobytes()
        visible = [w for w in self._windows if w["visible_fraction"] > 0]
        head = {
            "width_px": frames.width_px,
            "height_px": frames.height_px,
            "t_ns": moment,
            "visible": visible,
        }
        return head, blob

    def act(self, action: dict[str, Any]) -> dict[str, Any]:
        """Perform one action with mouse or keyboard."""
        self._screen().look()
        limit_s = act_limit_s(action)
        if self._hands is None or self._hands.ended:
            self._hands = Worker(run_hands, DISPLAY, heard=self._heard)
        try:
            status, value = self._hands.request("act", action, limit_s)
        except TimeoutError as exc:
            self._hands.stop()
            raise RefusalError(
                "timeout",
                f"The X server did not take the action within {limit_s:g} s; "
                "a client may have grabbed it.",
            ) from exc
        if status != "ok":
            raise RefusalError(status, str(value))
        return {"t_ns": value}

    def quiet(self) -> dict[str, Any]:
        """Return for how long pixels and windows have not changed."""
        changed = self._screen().look()
        self._sync_windows()
        now = time.monotonic_ns()
        return {
            "since_damage_ms": round((now - changed) / 1e6, 3),
            "since_window_change_ms": round((now - self._windows_changed_ns) / 1e6, 3),
        }

    def windows(self) -> dict[str, Any]:
        """Return every window on the screen, topmost first."""
        self._screen()
        self._sync_windows()
        return {"windows": self._windows}

    def watch_for(self, canaries: list[dict[str, Any]]) -> dict[str, Any]:
        """Set the planted secrets that are looked for in what is copied."""
        self._canaries = [(str(c["id"]), str(c["value"])) for c in canaries]
        if self._watch is not None:
            self._watch.tell("canaries", self._canaries)
        return {}

    def show_ad(self, ad: dict[str, Any]) -> dict[str, Any]:
        """Put an adware window onto the screen."""
        return dict(self._ask_ads("show", ad))

    def close_ad(self, name: str) -> dict[str, Any]:
        """Take an adware window away, as the set-up and not as the agent."""
        return dict(self._ask_ads("close", name))

    def list_ads(self) -> dict[str, Any]:
        """Return the adware on the screen as nodes of the accessibility tree."""
        if self._ads is None:
            return {"ads": []}
        return {"ads": self._ask_ads("list", None)}

    def _screen(self) -> FrameBuffer:
        if self._frames is None:
            raise RefusalError("bad_request", "There is no screen yet; ask for `start` first.")
        if not self._server.alive:
            raise RefusalError("failed", "The X server died; `reset` starts a new one.")
        return self._frames

    def _ask_ads(self, what: str, value: Any) -> Any:
        size = self._screen().width_px, self._frames.height_px if self._frames else 0
        if self._ads is None or self._ads.ended:
            self._ads = Worker(run_ads, DISPLAY, size, heard=self._heard)
            self._introduce(self._ads)
        try:
            status, answer = self._ads.request(what, value, _AD_LIMIT_S)
        except TimeoutError as exc:
            raise RefusalError("timeout", f"The X server did not take ad.{what} in time.") from exc
        if status != "ok":
            raise RefusalError(status, str(answer))
        return answer

    def _introduce(self, ads: Worker) -> None:
        """Let the watch know whose windows are adware before the first of them comes."""
        if self._watch is not None:
            with contextlib.suppress(TimeoutError):
                self._watch.request("adware", ads.pid, _AD_LIMIT_S)

    def _sync_windows(self) -> None:
        if self._watch is not None:
            with contextlib.suppress(TimeoutError, RefusalError):
                self._watch.request("sync", None, _SYNC_LIMIT_S)

    def _heard(self, message: Any) -> None:
        if message[0] == "windows":
            if message[1] != self._windows:
                self._windows_changed_ns = time.monotonic_ns()
            self._windows = message[1]
        elif message[0] == "event":
            self._channel.event(*message[1:])

    def _heard_silence(self, seconds: float, *, over: bool) -> None:
        data = {"seconds": round(seconds, 3), "over": over}
        self._channel.event("screen.grabbed", "agent", data)


def _wait_until_ready(worker: Worker) -> None:
    try:
        worker.request("ready", None, _READY_LIMIT_S)
    except TimeoutError as exc:
        raise RefusalError("timeout", f"The stage was not ready in {_READY_LIMIT_S:g} s.") from exc
