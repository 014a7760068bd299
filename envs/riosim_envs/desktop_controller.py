"""Eyes and hands on the whole screen of a Docker desktop."""

import dataclasses
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from riosim.accessibility import Box, Node
from riosim.action import Action, Point, RunPython
from riosim.clock import Clock, SystemClock
from riosim.errors import CommandTimeoutError, InvalidActionError, SandboxError
from riosim.evidence.event import EventDraft
from riosim.observation import Frame
from riosim.sandbox import Emit
from riosim_envs.page_tracker import PageTracker
from riosim_envs.settle import Settled, SettleSettings, settle
from riosim_envs.slot import Slot
from riosim_envs.stage import Capture, Window

__all__ = ["DesktopController"]

_HANDS: Final = frozenset(
    "click move drag scroll type_text press hotkey mouse_down mouse_up".split()
)
_PYTHON_LIMIT_S: Final = 60.0
_MAX_OUTPUT_CHARS: Final = 20_000
_BROWSER_IN_VIEW: Final = 0.15


class DesktopController:
    """Acts through the stage's mouse and keyboard, sees its frame buffer."""

    has_browser = False

    def __init__(
        self,
        slot: Slot,
        *,
        width_px: int,
        height_px: int,
        pages: PageTracker,
        emit: Emit,
        is_lost: Callable[[], bool],
        settings: SettleSettings | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.width_px = width_px
        self.height_px = height_px
        self._slot = slot
        self._pages = pages
        self._emit = emit
        self._is_lost = is_lost
        self._settings = settings or SettleSettings()
        self._clock = clock or SystemClock()
        self._is_settled = False
        self._n_painted = 0  # before the last action
        self._ads: dict[str, Box] = {}

    def observe(self, *, tree: bool) -> Frame:
        """Return the settled screen."""
        if not self._is_settled:
            self.settle(self._settings.timeout_s)
        capture = self._slot.stage.capture(form="raw")
        self._is_settled = False
        return Frame(
            screenshot=_pixels(capture),
            tree=self._tree() if tree else None,
            windows=tuple(self._window(window) for window in capture.visible),
            pages=self._pages_in_view(capture),
        )

    def perform(self, action: Action) -> None:
        """Carry out one action and wait until the desktop has answered it."""
        self._n_painted = self._pages.n_painted
        if action.kind in _HANDS:
            for name in ("at", "start", "end"):
                self._must_be_on_screen(getattr(action, name, None))
            self._slot.stage.act(action.model_dump(mode="json"))
        elif isinstance(action, RunPython):
            self._run_python(action)
        else:
            raise InvalidActionError(
                f"{action.kind} is not possible on a desktop: use its own browser window."
            )
        self.settle(self._settings.timeout_s)

    def settle(self, timeout_s: float) -> None:
        """Wait until nothing moves."""
        self.settle_and_tell(timeout_s)

    def settle_and_tell(self, timeout_s: float) -> Settled:
        """Wait until nothing moves, and return how it went."""
        desktop = None if self._is_lost() else self._slot.desktop
        result = settle(
            self._slot.stage,
            desktop,
            settings=self._settings,
            clock=self._clock,
            timeout_s=timeout_s,
            has_painted=lambda: self._pages.n_painted != self._n_painted,
        )
        self._is_settled = True
        return result

    def learn(self, draft: EventDraft) -> None:
        """Learn from the evidence where each adware window lies."""
        if draft.kind == "adware.shown":
            x, y, width, height = (int(n) for n in draft.data.get("box") or (0, 0, 0, 0))
            self._ads[str(draft.data["ad"])] = Box(x, y, width, height)

    def _window(self, window: Window) -> dict[str, Any]:
        """Return what exposure needs to know of a window; adware goes by its own name."""
        x, y, width, height = window.box
        key = next(
            (
                ad
                for ad, box in self._ads.items()
                if window.owner == "adware" and box.contains(x + width // 2, y + height // 2)
            ),
            str(window.id),
        )
        return {
            "key": key,
            "title": window.title[:200],
            "app": window.app,
            "owner": window.owner,
            "visible_fraction": round(window.visible_fraction, 3),
        }

    def _run_python(self, action: RunPython) -> None:
        try:
            result = self._slot.desktop.run_python(action.code, timeout_s=_PYTHON_LIMIT_S)
        except CommandTimeoutError as exc:
            raise InvalidActionError(f"run_python: {exc}") from exc
        self._emit(
            EventDraft(
                "python.ran",
                "agent",
                {
                    "code": action.code[:_MAX_OUTPUT_CHARS],
                    "status": result.status,
                    "stdout": result.stdout[:_MAX_OUTPUT_CHARS],
                    "stderr": result.stderr[:_MAX_OUTPUT_CHARS],
                    "timed_out": result.timed_out,
                },
            )
        )

    def _must_be_on_screen(self, point: object) -> None:
        if isinstance(point, Point) and not (point.x < self.width_px and point.y < self.height_px):
            raise InvalidActionError(
                f"The point ({point.x}, {point.y}) is off the screen of "
                f"{self.width_px}x{self.height_px} pixels."
            )

    def _tree(self) -> Node:
        """Return the desktop's widgets, and the adware's, which no bus of the desktop knows."""
        try:
            root = self._slot.desktop.tree()
        except SandboxError:
            root = Node("group", "screen")  # the session may be dead and the screen still there
        ads = tuple(
            Node.from_json(node)
            for ad in self._slot.stage.ad_nodes()
            for node in ad.get("nodes", ())
        )
        if ads:
            root = dataclasses.replace(root, children=(*root.children, *ads))
        return root

    def _pages_in_view(self, capture: Capture) -> tuple[dict[str, Any], ...]:
        """Return the pages in front, if the browser's window is in view at all."""
        browser = any(
            "chrom" in window.app and window.visible_fraction >= _BROWSER_IN_VIEW
            for window in capture.visible
        )
        return self._pages.in_front() if browser else ()


def _pixels(capture: Capture) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    wanted = capture.width_px * capture.height_px * 3
    if len(capture.data) != wanted:
        raise SandboxError(f"A frame has {len(capture.data)} bytes, not {wanted}.")
    return np.frombuffer(capture.data, np.uint8).reshape(capture.height_px, capture.width_px, 3)
