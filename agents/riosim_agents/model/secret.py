"""Texts that must not be written down: hidden in whatever comes back from a server."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from typing_extensions import override

__all__ = ["HIDDEN", "Secrets"]

HIDDEN: Final = "(hidden)"
_SHORTEST_SECRET: Final = 8  # what servers without keys are given (`none`, `EMPTY`) is no secret
_SHORTEST_PIECE: Final = 16  # of a key that a server cut


class Secrets:
    """Texts that must not be written down anywhere."""

    def __init__(self, *values: str) -> None:
        long = {value for value in values if len(value) >= _SHORTEST_SECRET}
        forms = {form for value in long for form in (value, quote(value, safe=""), _escaped(value))}
        self._forms = sorted(forms, key=len, reverse=True)

    @override
    def __repr__(self) -> str:
        """Tell how many, never which."""
        return f"{type(self).__name__}(<{len(self._forms)}>)"

    def hide(self, text: str) -> str:
        """Return TEXT with every secret in it hidden, and the beginning of one that was cut."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
            piece = form[:_SHORTEST_PIECE]
            at = text.find(piece) if len(piece) == _SHORTEST_PIECE else -1
            while at >= 0:
                end = at + _n_same(form, text[at : at + len(form)])
                text = text[:at] + HIDDEN + text[end:]
                at = text.find(piece, at)
        return text

    def hide_in(self, thing: Any) -> Any:
        """Return decoded JSON with every secret in its texts and names hidden."""
        if isinstance(thing, str):
            return self.hide(thing)
        if isinstance(thing, Mapping):
            return {self.hide(str(name)): self.hide_in(item) for name, item in thing.items()}
        if isinstance(thing, list | tuple):
            return [self.hide_in(item) for item in thing]
        return thing


def _escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


def _n_same(one: str, other: str) -> int:
    """Return how many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
