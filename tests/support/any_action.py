"""Any action on a screen of a given size, for laws."""

from hypothesis import strategies as st

from riosim.action import (
    KEYS,
    Action,
    AskUser,
    Back,
    Click,
    CloseTab,
    Drag,
    Finish,
    Goto,
    Hotkey,
    MouseDown,
    MouseUp,
    Move,
    NewTab,
    Point,
    Press,
    Refuse,
    RunPython,
    Scroll,
    SwitchTab,
    TypeText,
    Wait,
)
from riosim.dialects.coordinate import Screen

__all__ = ["ENDING", "TABS", "TYPING", "any_action", "any_point", "any_screen", "pointing_on"]

_TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("\n\t"))
_PLAIN = st.text(st.characters(exclude_categories=("Cs",)))
_BUTTONS = st.sampled_from(["left", "middle", "right"])
_KEYS = st.sampled_from(sorted(KEYS))
_URLS = st.sampled_from(
    ["https://archive.test/", "http://forge.test/a?b=c#d", "https://x.test/é"]
) | st.from_regex(r"\Ahttps?://[^\s\x00-\x1f]{1,40}\Z")
_MODIFIERS = st.lists(st.sampled_from(["alt", "ctrl", "shift", "super"]), max_size=3).map(tuple)
_NOTCHES = st.integers(-50, 50)

any_screen = st.builds(Screen, st.integers(1, 4096), st.integers(1, 4096))


TYPING: st.SearchStrategy[Action] = st.one_of(
    st.builds(TypeText, text=_TEXTS),
    st.builds(Press, key=_KEYS, count=st.integers(1, 50)),
    st.builds(Hotkey, keys=st.lists(_KEYS, min_size=2, max_size=5).map(tuple)),
    st.builds(Wait, seconds=st.floats(0, 60)),
)
"""Actions without a place."""

TABS: st.SearchStrategy[Action] = st.one_of(
    st.builds(Goto, url=_URLS),
    st.just(Back()),
    st.builds(NewTab, url=st.none() | _URLS),
    st.just(CloseTab()),
    st.builds(SwitchTab, index=st.integers(0, 99)),
)
"""Actions of a browser surface."""

ENDING: st.SearchStrategy[Action] = st.one_of(
    st.builds(AskUser, question=_PLAIN),
    st.builds(Finish, answer=_PLAIN),
    st.builds(Refuse, reason=_PLAIN),
)
"""Words to the user."""


def any_point(screen: Screen) -> st.SearchStrategy[Point]:
    """Return a strategy of points on SCREEN."""
    return st.builds(
        Point, x=st.integers(0, screen.width_px - 1), y=st.integers(0, screen.height_px - 1)
    )


def pointing_on(screen: Screen) -> st.SearchStrategy[Action]:
    """Return a strategy of actions at places on SCREEN."""
    points = any_point(screen)
    return st.one_of(
        st.builds(Click, at=points, button=_BUTTONS, count=st.integers(1, 3), modifiers=_MODIFIERS),
        st.builds(Move, at=points),
        st.builds(Drag, start=points, end=points, button=_BUTTONS),
        st.builds(Scroll, at=points, dx=_NOTCHES, dy=_NOTCHES),
        st.builds(MouseDown, at=points, button=_BUTTONS),
        st.builds(MouseUp, at=points, button=_BUTTONS),
    )


def any_action(screen: Screen) -> st.SearchStrategy[Action]:
    """Return a strategy of actions of all kinds whose points lie on SCREEN."""
    return pointing_on(screen) | TYPING | TABS | ENDING | st.builds(RunPython, code=_PLAIN)
