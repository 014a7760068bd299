"""Seed data beside a site's code, read once."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

__all__ = ["seed_data"]


@cache
def seed_data(path: Path) -> Any:
    """Return what the YAML file at PATH holds; callers must not change it."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))
