"""Eyes and hands on a Chromium that Playwright drives: one tab at a time fills the screen."""

import base64
import io
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageDraw
from playwright.sync_api import BrowserContext, CDPSession, Page
from playwright.sync_api import Error as PlaywrightError

from riosim.accessibility import Node
from riosim.action import (
    Action,
    Back,
    Click,
    CloseTab,
    Drag,
    Goto,
    Hotkey,
    MouseDown,
    MouseUp,
    Move,
    NewTab,
    Point,
    Press,
    Scroll,
    SwitchTab,
    TypeText,
)
from riosim.clock import Clock, SystemClock, wait_until
from riosim.dialects.key_name import dom_key
from riosim.errors import InvalidActionError, SandboxError, SandboxNotReadyError
from riosim.observation import Frame
from riosim_envs.browser_tree import page_tree
from riosim_envs.page_tracker import PageTracker

__all__ = ["BrowserController", "Pending"]

Pending = Callable[[], tuple[int, int]]
"""How many requests the world has in hand, and how many pages have not yet painted."""

_NOTCH_PX: Final = 100
_ERROR_PAGE: Final = "chrome-error://"
_GOTO_TIMEOUT_MS: Final = 15_000
_GOTO_ATTEMPTS: Final = 5
_SETTLE_S: Final = 5.0
_FRAME_JS: Final = "() => new Promise(r => requestAnimationFrame(() => setTimeout(r, 0)))"
_CLOSED_COMBINATIONS: Final = frozenset({"o", "s", "p", "u", "j", "i"})
"""With ctrl: dialogs and tools of the browser itself, which this surface does not have."""


class BrowserController:
    """Playwright's Chromium as a screen. Must be used on the thread that made it."""

    has_browser = True

    def __init__(
        self,
        context: BrowserContext,
        *,
        width_px: int,
        height_px: int,
        home_url: str,
        pages: PageTracker,
        pending: Pending,
        clock: Clock | None = None,
    ) -> None:
        self.width_px = width_px
        self.height_px = height_px
        self._context = context
        self._home_url = home_url
        self._tracker = pages
        self._pending = pending
        self._clock = clock or SystemClock()
        self._pointer = (width_px // 2, height_px // 2)
        self._tabs: list[Page] = []
        self._devtools: dict[Page, CDPSession] = {}
        for page in context.pages:
            self._add_tab(page)
        context.on("page", self._add_tab)
        self._current = self._tabs[0] if self._tabs else context.new_page()
        self._is_settled = False

    def observe(self, *, tree: bool) -> Frame:
        """Return the settled page."""
        if not self._is_settled or self._pending() != (0, 0):
            self.settle(_SETTLE_S)
        self._is_settled = False
        try:
            return self._frame(tree=tree)
        except PlaywrightError as exc:
            self._must_live(exc)
            self._devtools.pop(self._current, None)  # the page became another one's process
            self.settle(_SETTLE_S)
        try:
            return self._frame(tree=tree)
        except PlaywrightError as exc:
            raise SandboxError(f"The browser does not answer: {exc.message[:300]}") from exc

    def _frame(self, *, tree: bool) -> Frame:
        page = self._current
        nodes: Node | None = None
        picture = self._screenshot(page)
        if tree:
            nodes = page_tree(
                self._session(page),
                title=self._title(page),
                width_px=self.width_px,
                height_px=self.height_px,
            )
        return Frame(
            screenshot=picture,
            tree=nodes,
            url=page.url,
            tabs=tuple(self._title(tab) for tab in self._tabs),
            pages=self._tracker.at(page.url),
        )

    def perform(self, action: Action) -> None:
        """Carry out one action and let the page answer it."""
        try:
            self._do(action)
        except PlaywrightError as exc:
            self._must_live(exc)
            raise InvalidActionError(f"{action.kind}: {exc.message[:200]}") from exc
        self.settle(_SETTLE_S)
        if self._current.url.startswith(_ERROR_PAGE):
            self._load_again()

    def load(self, url: str, *, new_tab: bool = False) -> None:
        """Show an address, for the set-up.

        Raises:
            InvalidActionError: It is no http address.
            SandboxNotReadyError: It was not shown.
        """
        try:
            self.perform(NewTab(url=url) if new_tab else Goto(url=url))
        except InvalidActionError as exc:
            if isinstance(exc.__cause__, PlaywrightError):
                raise SandboxNotReadyError(f"browse: {url} was not shown: {exc}") from exc
            raise

    def is_gone(self) -> bool:
        """Whether the browser's process has ended."""
        browser = self._context.browser
        return browser is not None and not browser.is_connected()

    def close(self) -> None:
        """Close every tab and forget what they kept.

        Raises:
            SandboxError: The browser is gone.
        """
        try:
            self._context.close()
        except PlaywrightError as exc:
            raise SandboxError(f"Chromium is gone: {exc.message[:300]}") from exc

    def settle(self, timeout_s: float) -> None:
        """Wait until the world has nothing in hand and the page has drawn a frame since."""
        quiet = 0

        def is_quiet() -> bool:
            nonlocal quiet
            self._draw_frame()
            quiet = quiet + 1 if self._pending() == (0, 0) else 0
            return quiet >= 2

        wait_until(is_quiet, clock=self._clock, timeout_s=timeout_s, interval_s=0.0)
        self._is_settled = True

    def _do(self, action: Action) -> None:
        page = self._current
        match action:
            case Click(at=at):
                self._move(at)
                for modifier in action.modifiers:
                    page.keyboard.down(dom_key(modifier))
                page.mouse.click(at.x, at.y, button=action.button, click_count=action.count)
                for modifier in reversed(action.modifiers):
                    page.keyboard.up(dom_key(modifier))
            case Move(at=at):
                self._move(at)
            case Drag(start=start, end=end):
                goal = self._on_screen(end)  # before anything is pressed
                self._move(start)
                page.mouse.down(button=action.button)
                page.mouse.move(*goal, steps=5)
                page.mouse.up(button=action.button)
                self._pointer = (end.x, end.y)
            case Scroll(at=at):
                self._move(at)
                page.mouse.wheel(action.dx * _NOTCH_PX, action.dy * _NOTCH_PX)
            case MouseDown(at=at):
                self._move(at)
                page.mouse.down(button=action.button)
            case MouseUp(at=at):
                self._move(at)
                page.mouse.up(button=action.button)
            case TypeText(text=text):
                page.keyboard.type(text)
            case Press(key=key, count=count):
                for _ in range(count):
                    page.keyboard.press(dom_key(key))
            case Hotkey(keys=keys):
                self._hotkey(keys)
            case _:
                self._do_with_tabs(action)

    def _do_with_tabs(self, action: Action) -> None:
        match action:
            case Goto(url=url):
                self._goto(self._current, url)
            case Back():
                self._current.go_back(wait_until="commit", timeout=_GOTO_TIMEOUT_MS)
            case NewTab(url=url):
                address = _loadable(url or self._home_url)
                page = self._context.new_page()
                self._add_tab(page)
                self._goto(page, address)
            case CloseTab():
                self._close_tab()
            case SwitchTab(index=index):
                if index >= len(self._tabs):
                    raise InvalidActionError(
                        f"There is no tab {index}; there are {len(self._tabs)}, from 0."
                    )
                self._current = self._tabs[index]
                self._current.bring_to_front()
            case _:
                raise InvalidActionError(
                    f"{action.kind} is not possible here: this machine runs no code."
                )

    def _goto(self, page: Page, url: str) -> None:
        address = _loadable(url)
        for attempt in range(_GOTO_ATTEMPTS):
            try:
                page.goto(address, wait_until="commit", timeout=_GOTO_TIMEOUT_MS)
            except PlaywrightError as exc:
                if "Download is starting" in exc.message:  # no page, and yet an answer
                    return
                if _loads_anyway(page, address, exc):
                    return
                if not _is_the_hosts(exc) or attempt + 1 == _GOTO_ATTEMPTS:
                    raise
            else:
                return

    def _close_tab(self) -> None:
        if len(self._tabs) == 1:
            raise InvalidActionError("The last tab cannot be closed.")
        page = self._current
        page.close()
        self._forget_tab(page)
        self._current.bring_to_front()

    def _hotkey(self, keys: tuple[str, ...]) -> None:
        if "ctrl" in keys and keys[-1] in _CLOSED_COMBINATIONS:
            raise InvalidActionError(f"{'+'.join(keys)} opens nothing on this surface.")
        self._current.keyboard.press("+".join(dom_key(key) for key in keys))

    def _move(self, at: Point) -> None:
        x, y = self._on_screen(at)
        self._current.mouse.move(x, y)
        self._pointer = (x, y)

    def _on_screen(self, at: Point) -> tuple[int, int]:
        if at.x >= self.width_px or at.y >= self.height_px:
            raise InvalidActionError(
                f"The point ({at.x}, {at.y}) is off the screen of "
                f"{self.width_px}x{self.height_px} pixels."
            )
        return at.x, at.y

    def _add_tab(self, page: Page) -> None:
        """Take a new tab, opened by us or by a page, to the front."""
        if page not in self._tabs:
            self._tabs.append(page)
            page.on("close", self._forget_tab)
        self._current = page

    def _forget_tab(self, page: Page) -> None:
        if page in self._tabs:
            self._tabs.remove(page)
        self._devtools.pop(page, None)
        if self._current is page and self._tabs:
            self._current = self._tabs[-1]

    def _session(self, page: Page) -> CDPSession:
        if page not in self._devtools:
            self._devtools[page] = self._context.new_cdp_session(page)
        return self._devtools[page]

    def _load_again(self) -> None:
        """Load once more what failed: every address leads to the world, so it was the host."""
        try:
            self._current.reload(wait_until="commit", timeout=_GOTO_TIMEOUT_MS)
        except PlaywrightError as exc:
            self._must_live(exc)  # then the error page is what there is to see
        self.settle(_SETTLE_S)

    def _draw_frame(self) -> None:
        """Wait for one animation frame; a page that is being replaced has none, and need not."""
        try:
            self._current.evaluate(_FRAME_JS)
        except PlaywrightError as exc:
            self._must_live(exc)
            self._clock.sleep(0.005)

    def _must_live(self, exc: PlaywrightError) -> None:
        if self.is_gone():
            raise SandboxError(f"The browser is gone: {exc.message[:300]}") from exc

    def _screenshot(self, page: Page) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        answer = self._session(page).send(
            "Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True}
        )
        image = Image.open(io.BytesIO(base64.b64decode(answer["data"]))).convert("RGB")
        if image.size != (self.width_px, self.height_px):
            image = image.resize((self.width_px, self.height_px))
        _draw_pointer(image, *self._pointer)
        return np.asarray(image, dtype=np.uint8)

    def _title(self, page: Page) -> str:
        try:
            return page.title()
        except PlaywrightError:
            return page.url


def _loads_anyway(page: Page, address: str, exc: PlaywrightError) -> bool:
    """Whether Chromium's own load of the same page, which interrupted ours, comes to its end."""
    if f'is interrupted by another navigation to "{address}"' not in exc.message:
        return False
    try:
        page.wait_for_url(address, wait_until="commit", timeout=_GOTO_TIMEOUT_MS)
    except PlaywrightError:
        return False
    return True


def _is_the_hosts(exc: PlaywrightError) -> bool:
    """Whether a network of this host came or went, which is nothing to the page.

    Chromium then loads the page again by itself, too, and one load interrupts the other.
    """
    signs = ("ERR_NETWORK_CHANGED", "is interrupted by another navigation", _ERROR_PAGE)
    return any(sign in exc.message for sign in signs)


def _loadable(url: str) -> str:
    """Return the address; the action's schema says the same, this is the second wall."""
    if not url.startswith(("http://", "https://")):
        raise InvalidActionError(f"Only http and https addresses can be loaded, not {url[:200]!r}.")
    return url


def _draw_pointer(image: Image.Image, x: int, y: int) -> None:
    """Draw an arrow: the page's own picture has none."""
    outline = [(0, 0), (0, 16), (4, 12), (7, 18), (9, 17), (6, 11), (11, 11)]
    points = [(x + dx, y + dy) for dx, dy in outline]
    ImageDraw.Draw(image).polygon(points, fill="black", outline="white")
