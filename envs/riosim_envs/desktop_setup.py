"""Set-up verbs on a Docker desktop; charged to nobody, done when their effect can be seen."""

import html
import io
import tarfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from riosim.clock import Clock, wait_until
from riosim.content import content_root
from riosim.controller import Controller
from riosim.errors import SandboxNotReadyError, UsageError
from riosim.task.instance import Persona
from riosim.task.setup import (
    Browse,
    Command,
    Invite,
    MakeFiles,
    MakeRepository,
    Notify,
    Open,
    PutDocument,
    PutFile,
    PutMail,
    PutSheet,
    SetupStep,
    SharedComputer,
    ShowAd,
)
from riosim_envs.adware import ad_on_stage
from riosim_envs.applications import APPLICATIONS
from riosim_envs.assets import file_content
from riosim_envs.browser_setup import address_of
from riosim_envs.kiosk_notice import kiosk_wallpaper
from riosim_envs.office_files import document_file, sheet_file
from riosim_envs.page_tracker import PageTracker
from riosim_envs.settle import crowding
from riosim_envs.shared_computer import NOTICE_PATH, png_of, show_notice, things_left
from riosim_envs.slot import Slot
from riosim_envs.world_client import WorldClient

__all__ = ["DesktopSetup"]

_HOME: Final = "/home/user"
_AGE: Final = timedelta(days=2, hours=3, minutes=17)  # of a file that the set-up puts there
_BROWSER_S: Final = 30.0
_NOTIFIER: Final = "xfce4-notifyd"
_NOTIFIED_S: Final = 20.0
_LOOK_S: Final = 0.1  # what starts has better things to do than to tell its widgets
_CALM_MS: Final = 200.0
_CALM_LIMIT_S: Final = 10.0


class DesktopSetup:
    """Carries out set-up verbs on one slot."""

    def __init__(
        self,
        slot: Slot,
        controller: Controller,
        world: WorldClient,
        pages: PageTracker,
        *,
        persona: Persona,
        addresses: Mapping[str, str],
        seed: int,
        now: datetime,
        clock: Clock,
    ) -> None:
        self._slot = slot
        self._controller = controller
        self._world = world
        self._pages = pages
        self._persona = persona
        self._addresses = addresses
        self._rng = np.random.default_rng([seed, 0xAD])
        self._written_s = (now - _AGE).timestamp()
        self._clock = clock

    def apply(self, step: SetupStep) -> None:
        """Carry out one verb.

        Raises:
            UsageError: The verb cannot be carried out; the task is wrong.
            SandboxNotReadyError: Its effect did not show in time.
        """
        match step:
            case PutFile():
                data = file_content(step.text, step.asset)
                self._untar({step.path: (data, int(step.mode, 8))}, owner=step.owner)
            case PutDocument():
                self._untar({step.path: (document_file(step), 0o644)}, owner="user")
            case PutSheet():
                self._untar({step.path: (sheet_file(step), 0o644)}, owner="user")
            case MakeFiles():
                files = {
                    f"{step.under.rstrip('/')}/{name}": (text.encode(), int(step.mode, 8))
                    for name, text in step.tree.items()
                }
                self._untar(files, owner=step.owner, folder_mode=int(step.folder_mode, 8))
            case MakeRepository():
                self._make_repository(step)
            case Open():
                self._open(step)
            case Browse():
                self._browse(step)
            case PutMail() | Invite():
                self._world.put_mail(step)
            case ShowAd():
                self._show_ad(step)
            case Notify():
                self._notify(step)
            case SharedComputer():
                self._share(step)
            case Command():
                self._run(*step.argv, user=step.user, cwd=step.cwd)

    def _untar(
        self,
        files: Mapping[str, tuple[bytes, int]],
        *,
        owner: str,
        folder_mode: int = 0o755,
    ) -> None:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            folders = {
                parent for path in files for parent in _parents(path) if not _is_given(parent)
            }
            for folder in sorted(folders):
                info = tarfile.TarInfo(folder.lstrip("/"))
                info.type, info.mode = tarfile.DIRTYPE, folder_mode
                info.mtime = self._written_s
                tar.addfile(info)
            for path, (data, mode) in files.items():
                info = tarfile.TarInfo(path.lstrip("/"))
                info.size, info.mode, info.mtime = len(data), mode, self._written_s
                tar.addfile(info, io.BytesIO(data))
        self._slot.desktop.untar(
            "/", buffer.getvalue(), owner="root" if owner == "root" else "user"
        )

    def _make_repository(self, step: MakeRepository) -> None:
        git = ("git", "-C", step.path)
        if step.clone:
            if step.remote is None:
                raise UsageError("repository: `clone` needs a `remote`.")
            self._run("git", "clone", "--quiet", step.remote, step.path)
        else:
            self._run("git", "init", "--quiet", "--initial-branch=main", step.path)
        self._run(*git, "config", "user.name", self._persona.name)
        self._run(*git, "config", "user.email", self._persona.mail)
        for files, message in ((step.files, step.message), (step.changes, None)):
            if not files:
                continue
            self._untar(
                {f"{step.path}/{name}": (text.encode(), 0o644) for name, text in files.items()},
                owner="user",
            )
            if message is not None:
                self._run(*git, "add", "--all")
                self._run(*git, "commit", "--quiet", "--message", message)
        if step.remote is not None and not step.clone:
            self._run(*git, "remote", "add", "origin", step.remote)

    def _open(self, step: Open) -> None:
        application = APPLICATIONS[step.app]
        if step.app == "thunderbird":
            self._write_mail_account()
        before = {window.id: window.title for window in self._slot.stage.windows()}
        self._slot.desktop.spawn(application.command(step.path), cwd=step.cwd or _HOME)

        lacks = "no window of it"

        def is_usable() -> bool:
            nonlocal lacks
            window = application.opened(self._slot.stage.windows(), before, step.path)
            if window is None:
                return False
            if not application.ready_roles:
                return True
            missing = application.missing(window, self._slot.desktop.tree(), step.path)
            lacks = f"its window without {', '.join(sorted(missing))}"
            return not missing

        if not wait_until(
            is_usable, clock=self._clock, timeout_s=application.start_s, interval_s=_LOOK_S
        ):
            seen = ", ".join(w.title or w.app for w in self._slot.stage.windows() if w.mapped)
            raise SandboxNotReadyError(
                f"open: {step.app} could not be used within {application.start_s:g} s: {lacks}; on "
                f"the screen: {seen or 'nothing'}."
            )
        wait_until(self._is_calm, clock=self._clock, timeout_s=_CALM_LIMIT_S)

    def _is_calm(self) -> bool:
        """Whether nothing has moved for a while: what starts draws itself in several goes."""
        self._controller.settle(_CALM_LIMIT_S)
        quiet = self._slot.stage.quiet()
        return min(quiet.since_damage_ms, quiet.since_window_change_ms) >= _CALM_MS * crowding()

    def _browse(self, step: Browse) -> None:
        url = address_of(step, self._addresses)
        painted = self._pages.n_painted
        self._slot.desktop.spawn(("chromium", url), cwd=_HOME)

        def has_painted() -> bool:
            return self._pages.n_painted > painted

        if not wait_until(has_painted, clock=self._clock, timeout_s=_BROWSER_S):
            raise SandboxNotReadyError(f"browse: {url} was not shown within {_BROWSER_S:g} s.")
        self._controller.settle(_BROWSER_S)

    def _show_ad(self, step: ShowAd) -> None:
        width, height = self._controller.width_px, self._controller.height_px
        self._slot.stage.show_ad(ad_on_stage(step, self._rng, width_px=width, height_px=height))
        self._controller.settle(3.0)

    def _notify(self, step: Notify) -> None:
        """Show a notification and wait until its window is there."""
        before = {window.id for window in self._slot.stage.windows() if window.mapped}
        self._run(
            "notify-send", "--app-name", step.app, "--icon", step.icon,
            "--urgency", "critical" if step.stays else "normal",
            "--expire-time", "0" if step.stays else "5000",
            "--", step.title, html.escape(step.text, quote=False),
        )  # fmt: skip

        def is_shown() -> bool:
            return any(
                window.mapped and window.app == _NOTIFIER and window.id not in before
                for window in self._slot.stage.windows()
            )

        if not wait_until(is_shown, clock=self._clock, timeout_s=_NOTIFIED_S):
            raise SandboxNotReadyError(f"notification: nothing came within {_NOTIFIED_S:g} s.")
        self._controller.settle(3.0)

    def _share(self, step: SharedComputer) -> None:
        """Make it a computer for everybody: first what lies about, then the notice."""
        self._untar({path: (data, 0o644) for path, data in things_left().items()}, owner="user")
        width, height = self._controller.width_px, self._controller.height_px
        picture = kiosk_wallpaper(step, width_px=width, height_px=height)
        self._untar({NOTICE_PATH: (png_of(picture), 0o644)}, owner="root")
        show_notice(self._slot, picture, clock=self._clock)
        self._controller.settle(3.0)

    def _write_mail_account(self) -> None:
        template = content_root("images") / "desktop" / "profile" / "thunderbird-account.js"
        host = self._persona.mail.partition("@")[2]
        words = {
            "USER": self._persona.mail,
            "PASSWORD": self._persona.password,
            "FULL_NAME": self._persona.name,
            "ADDRESS": self._persona.mail,
            "IMAP_HOST": f"imap.{host}",
            "IMAP_PORT": "143",
            "IMAP_SOCKET": "0",
            "SMTP_HOST": f"smtp.{host}",
            "SMTP_PORT": "587",
            "SMTP_SOCKET": "0",
        }
        text = template.read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        path = f"{_HOME}/.thunderbird/user.default/user.js"
        self._untar({path: (text.encode(), 0o600)}, owner="user")

    def _run(self, *argv: str, user: str = "user", cwd: str = _HOME) -> None:
        result = self._slot.desktop.exec(
            *argv, user="root" if user == "root" else "user", cwd=cwd, timeout_s=60.0
        )
        if result.status != 0:
            raise UsageError(
                f"The set-up command {' '.join(argv)[:200]!r} ended with {result.status}: "
                f"{(result.stderr or result.stdout)[-300:]!r}"
            )


def _parents(path: str) -> list[str]:
    parts = path.strip("/").split("/")[:-1]
    return ["/" + "/".join(parts[: n + 1]) for n in range(len(parts))]


def _is_given(folder: str) -> bool:
    """Whether the image has that folder already, with its own mode and owner."""
    return folder in {"/home", _HOME, "/etc", "/srv", "/var", "/opt", "/usr", "/tmp", "/var/tmp"}  # noqa: S108  # names in the desktop
