"""Where mailboxes lie on disk: Maildir folders, numbered as an IMAP server numbers them."""

import hashlib
import os
import shutil
import tempfile
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from riosim_world.letter import Letter, Slip, base_of, flags_of, key_of
from riosim_world.message import Mail, read_mail

__all__ = ["FOLDERS", "MailFolders", "mail_ids"]

FOLDERS = ("INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive")
"""The folders that every mailbox has; IMAP clients may add others."""


_MOST_PARSED_BYTES = 12 * 2**20
_FIRST_VALIDITY = 1_700_000_000
_NOBODY = 65534


class MailFolders:
    """The folders of all mailboxes, below one place; without one a temporary place is made."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._resets = 0
        self._parsed: OrderedDict[str, tuple[Mail, int]] = OrderedDict()
        self._parsed_bytes = 0

    def clear(self) -> None:
        """Throw everything away."""
        self._resets += 1
        self._parsed.clear()
        self._parsed_bytes = 0
        if self._root is not None and self._root.exists():
            shutil.rmtree(self._root)

    def open(self, address: str) -> None:
        """Make the folders that every mailbox has."""
        for folder in FOLDERS:
            self._make(address, folder)

    def home(self, address: str) -> Path:
        """Return the Maildir of a mailbox."""
        return self._base_folder() / address

    def place(self, address: str, folder: str) -> Path:
        """Return where a folder lies."""
        home = self.home(address)
        return home if folder == "INBOX" else home / f".{folder}"

    def names(self, address: str) -> list[str]:
        """Return the names of the folders, INBOX first; IMAP clients may have added some."""
        found = self.home(address).glob(".*")
        extra = sorted(p.name[1:] for p in found if (p / "cur").is_dir())
        return [*FOLDERS, *(name for name in extra if name not in FOLDERS)]

    def letters(self, address: str, folder: str, *, key: str = "") -> Iterator[Letter]:
        """Yield the messages of a folder by the names of their files; with KEY that one alone."""
        place = self.place(address, folder)
        paths = [p for sub in ("new", "cur") for p in (place / sub).glob("*")]
        for path in sorted(paths, key=lambda p: p.name):
            base = base_of(path)
            if key and key_of(base) != key:
                continue
            mail = self._mail(address, base, path)
            if mail is not None:
                yield Letter(key_of(base), folder, flags_of(path), mail, path)

    def uid(self, address: str, slip: Slip) -> int:
        """Return the number that IMAP knows a message by; 0 if it never saw it."""
        try:
            text = (self.place(address, slip.folder) / "dovecot-uidlist").read_text("latin-1")
        except FileNotFoundError:
            return 0
        for line in text.splitlines()[1:]:
            number, _, name = line.partition(" ")
            if name.rpartition(":")[2] == slip.base and number.isdigit():
                return int(number)
        return 0

    def _mail(self, address: str, base: str, path: Path) -> Mail | None:
        name = f"{address}/{base}"
        if name not in self._parsed:
            try:
                raw = path.read_bytes()
            except FileNotFoundError:  # the IMAP server renamed it meanwhile
                return None
            self._keep(name, read_mail(raw), len(raw))
        return self._parsed[name][0]

    def _keep(self, name: str, mail: Mail, n_bytes: int) -> None:
        self._parsed[name] = mail, n_bytes
        self._parsed_bytes += n_bytes
        while self._parsed_bytes > _MOST_PARSED_BYTES and len(self._parsed) > 1:
            _, (_, n_gone) = self._parsed.popitem(last=False)
            self._parsed_bytes -= n_gone

    def _make(self, address: str, folder: str) -> None:
        place = self.place(address, folder)
        for sub in ("cur", "new", "tmp"):
            (place / sub).mkdir(parents=True, exist_ok=True)
        # IMAP's validity of message numbers: never that of an earlier episode.
        name = f"{self._resets}/{address}/{folder}"
        guid = hashlib.sha256(name.encode()).hexdigest()[:32]
        head = f"3 V{_FIRST_VALIDITY + self._resets} N1 G{guid}\n"
        if not (place / "dovecot-uidlist").exists():
            (place / "dovecot-uidlist").write_text(head)
        if os.getuid() == 0:
            for path in (self._base_folder() / address, place, *place.iterdir()):
                os.chown(path, *mail_ids())
            self._base_folder().chmod(0o711)

    def _base_folder(self) -> Path:
        if self._root is None:
            self._root = Path(tempfile.mkdtemp(prefix="mail-"))
            weakref.finalize(self, shutil.rmtree, self._root, ignore_errors=True)
        return self._root


def mail_ids() -> tuple[int, int]:
    """Return the user and group whose mailboxes these are: Dovecot serves none of root's."""
    return (_NOBODY, _NOBODY) if os.getuid() == 0 else (os.getuid(), os.getgid())
