"""Debian's record of packages, `/var/lib/dpkg/status`."""

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["Package", "State", "packages"]

State = Literal["installed", "removed", "broken"]

_STATES: Final[dict[str, State]] = {
    "installed": "installed",
    "triggers-pending": "installed",
    "triggers-awaited": "installed",
    "config-files": "removed",
}


@dataclass(frozen=True, slots=True)
class Package:
    """One package of the record; one that was purged is not in it.

    Removed is what left its configuration behind, broken what was begun and not finished.
    """

    name: str
    version: str
    state: State


def packages(data: bytes) -> dict[str, Package]:
    """Return the packages by name; what is no record of one is passed over.

    Of a package that is there for two architectures the one that is installed counts.
    """
    found: dict[str, Package] = {}
    for stanza in data.decode(errors="replace").split("\n\n"):
        fields: dict[str, str] = {}
        for line in stanza.splitlines():
            name, colon, value = line.partition(":")
            if colon and name and not name[0].isspace():
                fields.setdefault(name.casefold(), value.strip())
        name, status = fields.get("package", ""), fields.get("status", "").split()
        if not name or len(status) != 3 or status[2] == "not-installed":
            continue
        package = Package(name, fields.get("version", ""), _STATES.get(status[2], "broken"))
        if name not in found or package.state == "installed":
            found[name] = package
    return found
