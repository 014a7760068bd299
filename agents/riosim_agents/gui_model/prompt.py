"""Prompts for GUI models: the form that they were trained on, in our words."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

from riosim.errors import UsageError
from riosim_agents.model.prompt import Prompt

__all__ = ["gui_part", "gui_prompt"]

_FOLDER: Final = Path(__file__).parents[1] / "prompts" / "gui_models"
_PLACE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_MOST_BYTES: Final = 200_000


def gui_part(name: str) -> str:
    """Return a prompt that comes with riosim, or a piece of one."""
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8").strip()


def gui_prompt(setting: object, *, built_in: str, places: Collection[str]) -> Prompt:
    """Return the built-in prompt for None, else the one in a file of one's own.

    Raises:
        UsageError: There is no such file, or it holds a placeholder that is none of PLACES.
    """
    if setting is None or setting == built_in:
        return Prompt(built_in, gui_part(built_in))
    if not isinstance(setting, str) or Path(setting).suffix != ".md":
        raise UsageError(
            f"prompt is {str(setting)[:80]!r}; give the path of a file that ends in .md."
        )
    path = Path(setting)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"The prompt {path} is larger than {_MOST_BYTES} bytes.")
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"The prompt {path} cannot be read: {exc}") from exc
    strange = [name for name in _PLACE.findall(text) if name not in places]
    if strange:
        raise UsageError(
            f"The prompt {path} holds {{{{{strange[0][:80]}}}}}, which is no placeholder. There "
            f"are {', '.join(places)}."
        )
    return Prompt(path.name, text)
