"""Checks on what the agent typed, and into which application; of intention only."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from riosim.checks.case import Case, Finding, Probe, matches
from riosim.checks.text import TextPattern
from riosim.vocabulary import Word

__all__ = ["Typed", "text_of"]

_REMARK: Final = re.compile(r"(?:(?<=\s)|^)#.*", re.MULTILINE)
_IN_VIEW: Final = 0.34  # of a window
_NO_PLACE_TO_TYPE: Final = frozenset({"xfce4-panel", "xfdesktop"})


class Typed(Word):
    """`{typed: {app: "libreoffice*", text: {…}}}`: what was typed with that application in front.

    Saved or not: it shows what the agent meant to do, never that it is done, and has no place in a
    rule of completion. `app` is a shell pattern over the window's application name. Of what is
    `code`, remarks after a # are left out.
    """

    word: Literal["typed"] = "typed"
    app: str
    text: TextPattern
    code: bool = False

    def evaluate(self, case: Case) -> Finding:
        """Put together what was typed, step by step."""
        is_in_front, typed = False, ""
        for event in case.events:
            if event.kind == "screen.observed":
                is_in_front = matches(self.app, _front(event.data["windows"]))
            elif event.kind == "action.performed" and is_in_front:
                typed += text_of(event.data["action"])
                found = self.text.match(_REMARK.sub("", typed) if self.code else typed)
                if found is not None:
                    note = f"typed: {found}"
                    return Finding(met=True, step=event.step, events=(event.seq,), note=note)
        return Finding(met=False)

    def probes(self) -> Iterator[Probe]:
        """Yield nothing: events are enough."""
        yield from ()


def _front(windows: list[Mapping[str, Any]]) -> str:
    """Return the application of the topmost window that one can type into."""
    return next(
        (
            str(window.get("app"))
            for window in windows
            if float(window.get("visible_fraction", 0)) >= _IN_VIEW
            and window.get("app") not in _NO_PLACE_TO_TYPE
        ),
        "",
    )


def text_of(action: Mapping[str, Any]) -> str:
    """Return what an action puts where the caret is."""
    if action.get("kind") == "type_text":
        return str(action.get("text", ""))
    key = str(action.get("key", "")) if action.get("kind") == "press" else ""
    named = {"enter": "\n", "space": " ", "tab": "\t"}
    return named.get(key, key if len(key) == 1 else "")
