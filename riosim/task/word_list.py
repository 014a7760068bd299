"""Every word that a task file may use, as its own model tells it."""

import inspect
from dataclasses import dataclass
from typing import Final, Literal

from riosim.checks import CHECK_TYPES
from riosim.task.play import PLAY_TYPES
from riosim.task.setup import SETUP_TYPES
from riosim.vocabulary import Word

__all__ = ["WordFacts", "word_list"]

_Kind = Literal["set-up verb", "oracle step", "check"]
_KINDS: Final[dict[_Kind, tuple[type[Word], ...]]] = {
    "set-up verb": SETUP_TYPES,
    "oracle step": PLAY_TYPES,
    "check": CHECK_TYPES,
}


@dataclass(frozen=True, slots=True)
class WordFacts:
    """One word: how it is written, what it means, which keys it takes."""

    name: str
    kind: _Kind
    meaning: str
    keys: tuple[str, ...]


def word_list() -> list[WordFacts]:
    """Return all words, set-up verbs first, then oracle steps and checks."""
    return [
        WordFacts(word.name_of(), kind, inspect.getdoc(word) or "", _keys(word))
        for kind, words in _KINDS.items()
        for word in words
    ]


def _keys(word: type[Word]) -> tuple[str, ...]:
    fields = word.model_fields.items()
    return tuple(field.alias or name for name, field in fields if name != "word")
