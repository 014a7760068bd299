"""Settings of agents, checked: they come from a command line, decoded but of any type."""

import math
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from riosim.errors import UsageError

__all__ = [
    "choice_setting",
    "header_setting",
    "number_setting",
    "text_setting",
    "url_setting",
    "whole_setting",
]


def number_setting(
    name: str, value: object, *, least: float = -math.inf, most: float = math.inf
) -> float:
    """Return a setting that is a number.

    Raises:
        UsageError: It is none, or out of range.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise UsageError(f"{name} is {str(value)[:80]!r}; {_range(least, most)}.")
    if not math.isfinite(value):
        raise UsageError(f"{name} is {value}; give a finite number.")
    return float(value)


def whole_setting(name: str, value: object, *, least: int, most: int) -> int:
    """Return a setting that is a whole number.

    Raises:
        UsageError: It is none, or out of range.
    """
    if type(value) is not int or not least <= value <= most:
        raise UsageError(f"{name} is {str(value)[:80]!r}; give a whole number, {least} to {most}.")
    return value


def _range(least: float, most: float) -> str:
    if most == math.inf:
        return f"give a number of at least {least:g}" if least > -math.inf else "give a number"
    return f"give a number, {least:g} to {most:g}"


def text_setting(name: str, value: object) -> str:
    """Return a setting that is a text, empty if it is None.

    Raises:
        UsageError: It is something else.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UsageError(f"{name} is {str(value)[:80]!r}, not a text.")
    return value.strip()


def choice_setting(name: str, value: object, known: Sequence[str]) -> str:
    """Return a setting that is one of some words.

    Raises:
        UsageError: It is none of them.
    """
    if not isinstance(value, str) or value not in known:
        raise UsageError(f"{name} is {str(value)[:80]!r}; give one of: {', '.join(known)}.")
    return value


def url_setting(url: str) -> str:
    """Return the address of a server, without a slash at its end.

    Raises:
        UsageError: It is none, or holds what belongs elsewhere.
    """
    try:
        parts = urlsplit(url)
        is_fit = parts.scheme in ("http", "https") and bool(parts.hostname)
        has_user = "@" in parts.netloc
        is_fit = is_fit and not parts.query and not parts.fragment
    except ValueError:
        is_fit, has_user = False, False
    if has_user:  # not shown: it is a secret
        raise UsageError("base_url holds a user name or password; give a key with api_key_env.")
    if not is_fit:
        raise UsageError(
            f"base_url is {url.split('?')[0][:200]!r}…; give one such as http://127.0.0.1:8000/v1, "
            "without a query."
        )
    return url.rstrip("/")


def header_setting(headers: object) -> dict[str, str]:
    """Return a setting that is an object of HTTP headers.

    Raises:
        UsageError: It is none; values are not shown.
    """
    if headers is None:
        return {}
    if not isinstance(headers, Mapping):
        raise UsageError('headers is no object of texts; give one such as {"x-team": "red"}.')
    for name, value in headers.items():
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", name):
            raise UsageError(f"headers: {str(name)[:80]!r} is no name of a header.")
        if not isinstance(value, str) or not value.isprintable() or not value.isascii():
            raise UsageError(f"headers: the value of {name} is no printable ASCII text.")
    return dict(headers)
