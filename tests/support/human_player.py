"""A person at the page of the human agent: performs an action as a hand would."""

import re
from typing import Any, Final

from playwright.sync_api import Page

from riosim.action import (
    Action,
    AskUser,
    Back,
    Click,
    CloseTab,
    Drag,
    Finish,
    Goto,
    Hotkey,
    Move,
    NewTab,
    Point,
    Press,
    Refuse,
    Scroll,
    SwitchTab,
    TypeText,
    Wait,
)

__all__ = ["end_of_turn", "enter", "link_in", "perform"]

_LIMIT_MS: Final = 30_000
_MODIFIERS: Final = {"alt": "Alt", "ctrl": "Control", "shift": "Shift", "super": "Meta"}
_KEYS: Final = {
    "backspace": "Backspace", "delete": "Delete", "down": "ArrowDown", "end": "End",
    "enter": "Enter", "escape": "Escape", "home": "Home", "insert": "Insert",
    "left": "ArrowLeft", "menu": "ContextMenu", "pagedown": "PageDown", "pageup": "PageUp",
    "right": "ArrowRight", "tab": "Tab", "up": "ArrowUp",
    **{f"f{n}": f"F{n}" for n in range(1, 13)},
}  # fmt: skip


def link_in(said: str) -> str | None:
    """Return the link to the page in what a run said on stderr, None if it is not there yet."""
    found = re.search(r"http://127\.0\.0\.1:\d+/[\w-]+/", said)
    return found[0] if found is not None else None


def enter(page: Page, url: str) -> None:
    """Open the page and wait for the first picture."""
    page.goto(url)
    page.locator('body[data-phase="your_turn"]').wait_for(timeout=_LIMIT_MS)


def perform(page: Page, action: Action, *, thought: str = "") -> None:
    """Do ACTION with mouse and keyboard, else with the page's controls; wait for the next turn."""
    page.locator('body[data-phase="your_turn"]').wait_for(timeout=_LIMIT_MS)
    number = page.locator("body").get_attribute("data-number")
    if thought:
        page.locator("#thought").fill(thought)
    if not _by_hand(page, action):
        _as_json(page, action)
    end_of_turn(page, number or "")


def end_of_turn(page: Page, number: str) -> None:
    """Wait for another turn than NUMBER, or for the end."""
    page.locator(
        f'body[data-phase="your_turn"]:not([data-number="{number}"]), '
        'body[data-phase="over"], body[data-phase="closed"]'
    ).wait_for(timeout=_LIMIT_MS)


def _by_hand(page: Page, action: Action) -> bool:
    """Do it as a person would; False if it takes the JSON field."""
    match action:
        case Click() | Drag() | Scroll() | Move():
            return _point(page, action)
        case TypeText(text=text):
            _type(page, text)
            return bool(text)
        case Press() | Hotkey():
            return _press(page, action)
        case AskUser(question=words):
            return _say(page, "ask", words)
        case Finish(answer=words):
            return _say(page, "finish", words)
        case Refuse(reason=words):
            return _say(page, "refuse", words)
        case _:
            return _browse(page, action)


def _point(page: Page, action: Click | Drag | Scroll | Move) -> bool:
    match action:
        case Click(at=at):
            page.locator("#screen").focus()
            x, y = _place(page, at)
            for name in action.modifiers:
                page.keyboard.down(_MODIFIERS[name])
            page.mouse.click(x, y, button=action.button, click_count=action.count)
            for name in reversed(action.modifiers):
                page.keyboard.up(_MODIFIERS[name])
            return True
        case Drag(start=start, end=end):
            from_x, from_y = _place(page, start, near=end)
            to_x, to_y = _place(page, end, scroll=False)
            if abs(from_x - to_x) + abs(from_y - to_y) < 8:
                return False  # a hand that slips is a click
            page.mouse.move(from_x, from_y)
            page.mouse.down(button=action.button)
            page.mouse.move((from_x + to_x) / 2, (from_y + to_y) / 2)
            page.mouse.move(to_x, to_y)
            page.mouse.up(button=action.button)
            return True
        case Scroll(at=at, dx=dx, dy=dy):
            if (dx or dy) and all(n == 0 or n % 6 for n in (dx, dy)):  # 600 px may be 5 notches
                page.mouse.move(*_place(page, at))
                page.mouse.wheel(dx * 100, dy * 100)
                return True
            return False
        case Move(at=at):
            _open(page, "#point")
            page.locator("#x").fill(str(at.x))
            page.locator("#y").fill(str(at.y))
            page.locator("#deed").select_option("move")
            page.locator("#point button").click()
            return True


def _place(
    page: Page, point: Point, *, near: Point | None = None, scroll: bool = True
) -> tuple[float, float]:
    """Return where a pixel of the machine is on the page, having brought it into view."""
    size: Any = page.locator("#screen").evaluate("one => [one.width, one.height]")
    if scroll:
        middle = (point.y + (near or point).y) / 2 / size[1]
        page.locator("#screen").evaluate(
            "(one, part) => { const box = one.getBoundingClientRect();"
            " scrollBy(0, box.top + box.height * part - innerHeight / 2); }",
            middle,
        )
    box: Any = page.locator("#screen").evaluate(
        "one => { const box = one.getBoundingClientRect();"
        " return [box.left, box.top, box.width, box.height]; }"
    )
    return (
        box[0] + (point.x + 0.5) / size[0] * box[2],
        box[1] + (point.y + 0.5) / size[1] * box[3],
    )


def _type(page: Page, text: str) -> None:
    if re.fullmatch(r"[ -~]{1,300}\n?", text) and not text.isspace():
        page.locator("#screen").focus()
        page.keyboard.type(text.rstrip("\n"))
        if text.endswith("\n"):
            page.keyboard.press("Enter")
    elif text:
        page.locator("#text").fill(text)
        page.locator("#typing button").click()


def _press(page: Page, action: Press | Hotkey) -> bool:
    if isinstance(action, Press):
        if action.key in _KEYS and action.count == 1:
            page.locator("#screen").focus()
            page.keyboard.press(_KEYS[action.key])
        else:
            page.locator("#key").fill(action.key)
            page.locator("#times").fill(str(action.count))
            page.locator("#press button").click()
        return True
    *holds, key = action.keys
    if not set(holds) <= set(_MODIFIERS) or not (key in _KEYS or re.fullmatch("[a-z0-9]", key)):
        return False
    page.locator("#screen").focus()
    for name in holds:
        page.keyboard.down(_MODIFIERS[name])
    page.keyboard.press(_KEYS.get(key, key))
    for name in reversed(holds):
        page.keyboard.up(_MODIFIERS[name])
    return True


def _say(page: Page, button: str, words: str) -> bool:
    page.locator(f"#{button}").click()
    page.locator("#said").fill(words)
    page.locator("#say").click()
    return True


def _browse(page: Page, action: Action) -> bool:
    match action:
        case Goto(url=url):
            page.locator("#address").fill(url)
            page.locator("#address").press("Enter")
        case Back():
            page.locator("#back").click()
        case NewTab(url=None):
            page.get_by_role("button", name="Open a new tab").click()
        case CloseTab():
            page.get_by_role("button", name="Close the tab in front").click()
        case SwitchTab(index=index):
            tab = page.locator("#tabs button:not(.small)").nth(index)
            if not tab.count():
                return False
            tab.click()
        case Wait(seconds=0.5):
            page.locator("#look").click()
        case Wait(seconds=3):
            page.locator("#wait").click()
        case _:
            return False
    return True


def _as_json(page: Page, action: Action) -> None:
    _open(page, "#raw")
    page.locator("#json").fill(action.model_dump_json())
    page.locator("#raw button").click()


def _open(page: Page, part: str) -> None:
    page.locator(f"details:has({part})").evaluate("one => { one.open = true; }")
