"""Settings that are nobody's business: kept out of manifests, records and command lines."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["HIDDEN", "is_secret", "shown_arguments"]

HIDDEN: Final = "(hidden)"
"""Stands in manifests and records for a setting that is nobody's business."""

_SECRET = re.compile(
    r"(^|_)(api_?key|key|token|secret|password|passwd|credential|auth|authorization|bearer|cookie)"
    r"s?(_|$)"
)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_AMOUNT = re.compile(r"(^|_)tokens?(_|$)")  # of numbers, these are limits


def is_secret(name: str, value: object) -> bool:
    """Whether a setting must not be written down; one that holds such a setting must not either.

    Example:
        >>> is_secret("api_key", "abc"), is_secret("max_tokens", 512), is_secret("use_auth", True)
        (True, False, False)
        >>> is_secret("headers", {"Authorization": "Bearer abc"})
        True
        >>> is_secret("api_key_env", "MY_KEY")  # where it is, not what it is
        False
    """
    if isinstance(value, Mapping):
        return any(is_secret(str(key), item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return any(is_secret(name, item) for item in value)
    plain = name.casefold().replace("-", "_")
    if plain.endswith("_env") and isinstance(value, str) and _VARIABLE.fullmatch(value):
        return False
    if isinstance(value, str):
        return bool(_SECRET.search(plain))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and bool(_SECRET.search(plain)) and not _AMOUNT.search(plain)


def shown_arguments(arguments: Iterable[str]) -> list[str]:
    """Return a command line with every secret of a `key=value` hidden.

    Example:
        >>> shown_arguments(["run", "-A", "api_key=abc", "-Amax_tokens=5"])
        ['run', '-A', 'api_key=(hidden)', '-Amax_tokens=5']
    """
    shown: list[str] = []
    for argument in arguments:
        name, sign, text = argument.partition("=")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        secret = bool(sign) and is_secret(name.removeprefix("-A").removeprefix("-S"), value)
        shown.append(f"{name}={HIDDEN}" if secret else argument)
    return shown
