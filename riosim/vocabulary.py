"""Closed vocabularies: the YAML form `{word: body}` for unions of frozen models.

A check, set-up verb, trigger or oracle step is written as one key and its body; inside, it is a
model with a `word` field. `words(...)` builds the validator that goes in front of such a union.
"""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from riosim.errors import nearest, with_article

__all__ = ["Spec", "Word", "words", "written"]


class Spec(BaseModel):
    """Base of everything that is read from a task file: frozen, unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Word(Spec):
    """One word of a vocabulary.

    `main` names the field that takes the body when the body is no mapping, as in
    `{type_text: resnet}` or `{any: [...]}`.
    """

    main: ClassVar[str] = ""
    word: str

    @classmethod
    def name_of(cls) -> str:
        """The word itself."""
        return str(cls.model_fields["word"].default)


def words(kind: str, classes: Callable[[], Iterable[type[Word]]]) -> Callable[[Any], Any]:
    """Return a function that turns `{word: body}` into `{"word": word, **body}`.

    KIND is for messages. CLASSES is asked late, so that a union may contain itself.
    """

    def unwrap(value: Any) -> Any:
        known = {cls.name_of(): cls for cls in classes()}
        if isinstance(value, Word):
            return value
        if isinstance(value, str) and value in known:
            return {"word": value}
        if not isinstance(value, dict) or not value:
            raise ValueError(
                f"{with_article(kind)} is written {{word: …}} with one of: "
                f"{', '.join(sorted(known))}; got {str(value)[:80]!r}"
            )
        if "word" in value:
            return value
        if len(value) != 1:
            raise ValueError(
                f"{with_article(kind)} has one key, got {len(value)}: {', '.join(map(str, value))}"
            )
        ((word, body),) = value.items()
        if word not in known:
            close = nearest(str(word), known)
            hint = f" Did you mean {close!r}?" if close else ""
            raise ValueError(
                f"no {kind} is named {word!r}.{hint} Known: {', '.join(sorted(known))}"
            )
        if body is None:
            return {"word": word}
        if isinstance(body, dict) and not _is_main_value(known[word], body):
            return {"word": word, **body}
        if known[word].main:
            return {"word": word, known[word].main: body}
        raise ValueError(f"{word} takes a mapping, got {str(body)[:80]!r}")

    return unwrap


def _is_main_value(cls: type[Word], body: dict[str, Any]) -> bool:
    """Whether BODY is the value of the main field (a nested word), not a mapping of fields."""
    return bool(cls.main) and len(body) == 1 and next(iter(body)) not in cls.model_fields


def written(value: Any) -> Any:
    """Return VALUE as one would write it in a task file; what is as by default is left out.

    Example:
        >>> class Press(Word):
        ...     main = "key"
        ...     word: str = "press"
        ...     key: str
        ...     count: int = 1
        >>> written([Press(key="enter"), Press(key="tab", count=2)])
        [{'press': 'enter'}, {'press': {'key': 'tab', 'count': 2}}]
    """
    if isinstance(value, Word):
        return _written_word(value)
    if isinstance(value, BaseModel):
        return _written_fields(value)
    if isinstance(value, dict):
        return {key: written(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [written(item) for item in value]
    return value


def _written_word(word: Word) -> Any:
    body = _written_fields(word)
    if not body:
        return word.word
    return {word.word: body[word.main] if set(body) == {word.main} else body}


def _written_fields(model: BaseModel) -> dict[str, Any]:
    """Return the fields that differ from their defaults, by the names that a file has for them."""
    fields = type(model).model_fields
    given = {name: getattr(model, name) for name in fields if name != "word"}
    return {
        str(fields[name].alias or name.rstrip("_")): written(value)
        for name, value in given.items()
        if value != fields[name].get_default(call_default_factory=True)
    }
