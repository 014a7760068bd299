"""A check on messages that were kept in files: exported, saved, copied to a local folder."""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from riosim.checks.case import Case, Finding, ReadProbe, decode_blob, matches
from riosim.checks.dating import dated_by_last_act
from riosim.checks.formats.mail import KeptMail, kept_mails
from riosim.checks.text import TextPattern
from riosim.vocabulary import Word

__all__ = ["MailKept"]

_MAX_BYTES: Final = 16 * 2**20


class MailKept(Word):
    """`{mail_kept: {path: /home/user/export.mbox, subject: "*invoice*"}}`: a mail on the disk.

    It lies in an mbox (each folder that Thunderbird keeps below `…/Mail/Local Folders` is one), in
    a Maildir, whose folder is the `path`, or in a file of its own (.eml), and was in none of the
    files of that path at the start. What was deleted does not count, though an mbox may still hold
    it. All that is asked must hold of one message. Fifty files are read of a folder.
    """

    word: Literal["mail_kept"] = "mail_kept"
    path: Annotated[str, Field(pattern=r"^(/|\$\{home\})[^\x00]*$")]  # last part may hold * and ?
    message_id: str | None = None
    sender: str | None = None
    to: str | None = None
    subject: str | None = None
    attachment: str | None = None
    text: TextPattern | None = None

    def evaluate(self, case: Case) -> Finding:
        """Look through every message that the files hold and did not hold before."""
        if not any(case.was_read(probe) for probe in self.probes()):
            return Finding(met=False, note=f"{self.path} was not read")
        before = {mail.key for _, mail in self._mails(case, at="start")}
        for path, mail in self._mails(case, at="end"):
            if mail.key in before or not self._fits(mail):
                continue
            found = self.text.match(mail.text) if self.text else repr(mail.subject[:80])
            if found is not None:
                note = f"{path} keeps a mail: {found}"
                return dated_by_last_act(case, Finding(met=True, note=note), path)
        return Finding(met=False)

    def _mails(self, case: Case, *, at: Literal["start", "end"]) -> Iterator[tuple[str, KeptMail]]:
        for probe in self.probes():
            for file in case.files(probe.path, at=at):
                for mail in kept_mails(str(file["path"]), _content(file)):
                    yield str(file["path"]), mail

    def _fits(self, mail: KeptMail) -> bool:
        return (
            matches(self.message_id, mail.message_id)
            and matches(self.sender, mail.sender)
            and matches(self.to, mail.to)
            and matches(self.subject, mail.subject)
            and (
                self.attachment is None
                or any(matches(self.attachment, name) for name in mail.attachments)
            )
        )

    def probes(self) -> Iterator[ReadProbe]:
        """Yield the reading of the files, and of what a Maildir of that name would hold."""
        yield ReadProbe(path=self.path, max_bytes=_MAX_BYTES)
        if not any(char in self.path for char in "*?["):
            for folder in ("cur", "new"):
                yield ReadProbe(path=f"{self.path}/{folder}/*", max_bytes=_MAX_BYTES)


def _content(file: dict[str, Any]) -> bytes:
    return decode_blob(str(file.get("data") or ""))
