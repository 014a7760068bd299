"""Where tasks and image sources lie: in the checkout, else in the wheel, laid out alike."""

from pathlib import Path
from typing import Literal

from riosim.errors import UsageError

__all__ = ["content_root"]

_PLACES = {"tasks": "tasks", "images": "envs/images"}


def content_root(kind: Literal["tasks", "images"]) -> Path:
    """Return the folder of KIND: the checkout's own, else the wheel's copy.

    Raises:
        UsageError: Neither exists; the installation is damaged.
    """
    package = Path(__file__).resolve().parent
    checkout = package.parent
    is_checkout = (checkout / "pyproject.toml").is_file()
    folder = (checkout if is_checkout else package / "_content") / _PLACES[kind]
    if not folder.is_dir():
        raise UsageError(f"riosim's {kind} are missing: {folder} is no folder. Reinstall riosim.")
    return folder
