"""Prompts: files with `{{names}}` in them, filled in one pass."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from riosim.errors import UsageError

__all__ = ["PLACEHOLDERS", "Prompt", "built_in_prompts", "filled", "load_prompt", "part"]

_FOLDER: Final = Path(__file__).parents[1] / "prompts"
_PLACE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_MOST_BYTES: Final = 200_000

PLACEHOLDERS: Final = {
    "screen": "size of screen and picture, and how points are counted",
    "answer": "how to answer, and the actions there are",
    "ending": "how to finish, ask or refuse",
    "surface": "`browser` or `desktop`",
    "task": "what the person asks (the first message holds it in any case)",
}
"""Names that a prompt may hold."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A system prompt: its name, its text with placeholders, and the digest of that text."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text, before anything is filled in."""
        return sha256(self.text.encode()).hexdigest()


def built_in_prompts() -> list[str]:
    """Return the names of the prompts that come with riosim."""
    return sorted(path.stem for path in _FOLDER.glob("*.md"))


def load_prompt(setting: object) -> Prompt:
    """Return a built-in prompt by its name, or one's own by the path of a file that ends in `.md`.

    Raises:
        UsageError: There is none, or it holds a placeholder that does not exist.
    """
    if not isinstance(setting, str):
        raise UsageError(f"prompt is {str(setting)[:80]!r}; give a name or the path of a file.")
    if setting in built_in_prompts():
        return Prompt(setting, (_FOLDER / f"{setting}.md").read_text(encoding="utf-8").strip())
    path = Path(setting)
    if path.suffix != ".md":
        raise UsageError(
            f"No prompt is named {setting[:80]!r}. There are {', '.join(built_in_prompts())}; or "
            "give the path of your own file, which ends in .md."
        )
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"The prompt {path} is larger than {_MOST_BYTES} bytes.")
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"The prompt {path} cannot be read: {exc}") from exc
    _check(text, path, PLACEHOLDERS)
    return Prompt(path.name, text)


def part(name: str) -> str:
    """Return a piece that prompts are put together from."""
    return (_FOLDER / "parts" / f"{name}.md").read_text(encoding="utf-8").strip()


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return the template with its placeholders filled; what is put in is never looked at again.

    Example:
        >>> filled("{{a}} and {{ b }} {c}", {"a": "{{b}}", "b": "2"})
        '{{b}} and 2 {c}'
    """
    return _PLACE.sub(lambda match: values[match[1]], template)


def _check(text: str, path: Path, known: Collection[str]) -> None:
    strange = [name for name in _PLACE.findall(text) if name not in known]
    if strange:
        raise UsageError(
            f"The prompt {path} holds {{{{{strange[0][:80]}}}}}, which is no placeholder. There "
            f"are {', '.join(known)}."
        )
