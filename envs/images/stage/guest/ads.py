"""The adware: a process that holds the windows of the attack, out of the desktop's reach."""

from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

from accessibility import Box, Node
from ad import Ad
from ad_window import AdWindow

__all__ = ["nodes_of", "run_ads"]

_SHOW_LIMIT_S = 3.0


def run_ads(pipe: Connection, display: str, screen: tuple[int, int]) -> None:
    """Show and close adware as asked through PIPE."""
    ads = _Ads(pipe, display, screen)
    try:
        while True:
            number, what, value = pipe.recv()
            ads.send(("reply", number, ads.do(what, value)))
    except (EOFError, OSError):
        return  # the guest is gone, and so is this process


class _Ads:
    def __init__(self, pipe: Connection, display: str, screen: tuple[int, int]) -> None:
        self._pipe = pipe
        self._display = display
        self._screen = screen
        self._windows: dict[str, AdWindow] = {}
        self._sending = Lock()

    def send(self, message: Any) -> None:
        with self._sending:
            self._pipe.send(message)

    def do(self, what: str, value: Any) -> tuple[str, Any]:
        if what == "show":
            return self._show(value)
        if what == "close":
            return self._close(value)
        alive = [w for w in self._windows.values() if w.on_screen.is_set()]
        return "ok", [{"id": w.ad.id, "nodes": [nodes_of(w).to_json()]} for w in alive]

    def _show(self, value: dict[str, Any]) -> tuple[str, Any]:
        try:
            ad = Ad.from_json(value)
            if ad.id in self._windows and self._windows[ad.id].is_alive():
                return "bad_request", f"The ad {ad.id[:60]!r} is shown already."
            window = AdWindow(ad, self._display, self._screen, self._event)
        except (TypeError, ValueError) as exc:
            return "bad_request", str(exc)
        self._windows[ad.id] = window
        window.start()
        if not window.on_screen.wait(_SHOW_LIMIT_S):
            return "timeout", f"The X server did not show {ad.id[:60]!r} in {_SHOW_LIMIT_S:g} s."
        return "ok", {"id": ad.id, **window.boxes()}

    def _close(self, name: str) -> tuple[str, Any]:
        window = self._windows.pop(name, None)
        if window is None or not window.is_alive():
            return "not_found", f"No ad {name[:60]!r} is shown; shown: {sorted(self._windows)}."
        window.remove()
        window.join(_SHOW_LIMIT_S)
        return "ok", {}

    def _event(self, kind: str, actor: str, data: dict[str, Any]) -> None:
        self.send(("event", kind, actor, data))


def nodes_of(window: AdWindow) -> Node:
    """Return the window as a node of the accessibility tree, with what stands on it."""
    boxes = {name: Box(*box) for name, box in window.boxes().items()}
    ad = window.ad
    parts = [
        Node("heading", ad.title, box=_title_box(boxes["box"])),
        Node("text", ad.text, box=boxes["text_box"]),
        Node("button", ad.accept, box=boxes["accept_box"]),
        Node("button", ad.close, box=boxes["close_box"]),
    ]
    app = str(ad.style.get("app") or ("offers" if ad.kind == "popup" else "notices")).lower()
    return Node("window", ad.title, box=boxes["box"], app=app, children=tuple(parts))


def _title_box(whole: Box) -> Box:
    return Box(whole.x, whole.y, whole.width, max(whole.height // 3, 1))
