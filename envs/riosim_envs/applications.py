"""How each application of the desktop image is started, and how its window is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from riosim.accessibility import Node
from riosim.task.setup import APPS
from riosim_envs.stage import Window

__all__ = ["APPLICATIONS", "Application"]

_SPLASH_PX: Final = 200  # narrower windows are splash pictures and the like


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """How an application is started, and how one sees that it can be used.

    Attributes:
        argv: Its command line; the path of a file to open is added.
        window_app: Part of its window's application name (WM_CLASS), lower case.
        start_s: Limit until it can be used; it is met by a hung start only.
        ready_title: Part of that window's title once it can be used, if it changes on the way.
        names_file: Whether the title then names the file that it was opened with.
        ready_roles: Widgets that its window then has; none for one that tells no widgets.
        file_role: The widget that bears the name of a file (not a folder) it was opened with.
    """

    argv: tuple[str, ...]
    window_app: str
    start_s: float = 60.0
    ready_title: str = ""
    names_file: bool = False
    ready_roles: frozenset[str] = frozenset()
    file_role: str = ""

    def command(self, path: str | None) -> Sequence[str]:
        """Return the command line, with a file to open if one is given."""
        return self.argv if path is None else (*self.argv, path)

    def opened(
        self, windows: Iterable[Window], before: Mapping[str, str], path: str | None
    ) -> Window | None:
        """Return its new window, once the title is what it should be.

        BEFORE has the titles of the windows that were there, by id: some applications open a file
        in a window that they have.
        """
        wanted = [self.ready_title]
        if self.names_file and path is not None:
            wanted.append(PurePosixPath(path).name)
        for window in windows:
            if (
                before.get(window.id) != window.title
                and window.mapped
                and self.window_app in window.app
                and window.box[2] > _SPLASH_PX
                and all(part in window.title for part in wanted)
            ):
                return window
        return None

    def missing(self, window: Window, tree: Node, path: str | None) -> frozenset[str]:
        """Return the roles of the widgets that its window lacks before a person could use it."""
        shown = [
            node
            for top in tree.children
            if top.name == window.title
            for node in top.walk()
            if node.box is not None
        ]
        missing = self.ready_roles - {node.role for node in shown}
        file = PurePosixPath(path or "/")
        if self.file_role and file.suffix:
            named = any(n.role == self.file_role and n.name.startswith(file.name) for n in shown)
            missing |= frozenset() if named else {self.file_role}
        return missing


def _office(module: str) -> Application:
    return Application(
        argv=("libreoffice", "--norestore", f"--{module}"),
        window_app="libreoffice",
        names_file=True,
        ready_roles=frozenset({"document", "statusbar"}),
    )


APPLICATIONS: Final[dict[str, Application]] = {
    "chromium": Application(argv=("chromium",), window_app="chrom"),
    "thunderbird": Application(
        argv=("thunderbird",), window_app="thunderbird", ready_title="Inbox"
    ),
    "writer": _office("writer"),
    "calc": _office("calc"),
    "impress": _office("impress"),
    "draw": _office("draw"),
    "gimp": Application(
        argv=("gimp",),
        window_app="gimp",
        names_file=True,
        ready_roles=frozenset({"menubar", "tablist"}),
    ),
    "code": Application(
        argv=("code",),
        window_app="code",
        names_file=True,
        ready_roles=frozenset({"menubar", "tree", "statusbar"}),
        file_role="tab",
    ),
    "terminal": Application(
        argv=("xfce4-terminal",),
        window_app="xfce4-terminal",
        ready_roles=frozenset({"terminal"}),
    ),
    "files": Application(argv=("thunar",), window_app="thunar"),
    "editor": Application(
        argv=("mousepad",),
        window_app="mousepad",
        names_file=True,
        ready_roles=frozenset({"textbox"}),
    ),
    "archive": Application(argv=("engrampa",), window_app="engrampa", names_file=True),
    "pdf": Application(argv=("evince",), window_app="evince"),
    "media": Application(argv=("parole",), window_app="parole"),
    "settings": Application(argv=("xfce4-settings-manager",), window_app="xfce4-settings-manager"),
}

if set(APPLICATIONS) != set(APPS):
    raise RuntimeError("riosim.task.setup.APPS and APPLICATIONS differ")
