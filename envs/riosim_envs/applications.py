"""How each application of the desktop image is started, and how its window is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from riosim.task.setup import APPS

__all__ = ["APPLICATIONS", "Application"]


@dataclass(frozen=True, slots=True)
class Application:
    """A command line and the application name (part of WM_CLASS, lower case) of its window.

    `ready_title` is part of that window's title once it can be used, if it changes on the way.
    """

    argv: tuple[str, ...]
    window_app: str
    start_s: float = 20.0  # limit until its window is there
    ready_title: str = ""

    def command(self, path: str | None) -> Sequence[str]:
        """Return the command line, with a file to open if one is given."""
        return self.argv if path is None else (*self.argv, path)


APPLICATIONS: Final[dict[str, Application]] = {
    "chromium": Application(("chromium",), "chrom"),
    "thunderbird": Application(("thunderbird",), "thunderbird", 30.0, "Inbox"),
    "writer": Application(("libreoffice", "--norestore", "--writer"), "libreoffice", 30.0),
    "calc": Application(("libreoffice", "--norestore", "--calc"), "libreoffice", 30.0),
    "impress": Application(("libreoffice", "--norestore", "--impress"), "libreoffice", 30.0),
    "draw": Application(("libreoffice", "--norestore", "--draw"), "libreoffice", 30.0),
    "gimp": Application(("gimp",), "gimp", 30.0),
    "code": Application(("code",), "code", 30.0),
    "terminal": Application(("xfce4-terminal",), "xfce4-terminal"),
    "files": Application(("thunar",), "thunar"),
    "editor": Application(("mousepad",), "mousepad"),
    "archive": Application(("engrampa",), "engrampa"),
    "pdf": Application(("evince",), "evince"),
    "media": Application(("parole",), "parole"),
    "settings": Application(("xfce4-settings-manager",), "xfce4-settings-manager"),
}

if set(APPLICATIONS) != set(APPS):
    raise RuntimeError("riosim.task.setup.APPS and APPLICATIONS differ")
