"""Where the command prints: results to stdout, progress and errors to stderr."""

import json
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from riosim.errors import UsageError
from riosim.printable import printable

__all__ = ["err", "out", "parse_settings", "plain", "print_error", "print_json"]

out: Final = Console(highlight=False, soft_wrap=False)
err: Final = Console(stderr=True, highlight=False, soft_wrap=True)  # lines are there to be copied


def plain(text: object, *, max_chars: int = 2_000) -> Text:
    """Return text from outside as rich text without markup or control characters."""
    return Text(printable(text, max_chars=max_chars))


def print_error(exc: Exception) -> None:
    """Print a mistake, in red."""
    message = escape(printable(str(exc), max_chars=8_000))
    err.print(f"[bold red]error:[/] {message}", highlight=False, soft_wrap=True)


def print_json(data: Any) -> None:
    """Print plain data as JSON; control characters come escaped."""
    # As a Text: of a plain string, rich would make pictures of what stands between two colons.
    out.print(Text(json.dumps(data, indent=1, ensure_ascii=True)), soft_wrap=True)


def parse_settings(pairs: list[str], option: str) -> dict[str, Any]:
    """Read `key=value` pairs; a value is JSON where it can be read so, else text.

    Raises:
        UsageError: One has no `=`.
    """
    settings: dict[str, Any] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key:
            raise UsageError(f"{option} takes key=value, got {pair[:100]!r}.")
        try:
            settings[key.strip()] = json.loads(value)
        except ValueError:
            settings[key.strip()] = value
    return settings
