"""Mail that somebody sends, as evidence."""

from collections.abc import Iterator, Sequence

from riosim_world.message import Mail, read_mail
from riosim_world.witness import Place, Witness

__all__ = ["MailEvidence"]

_MOST_CHARACTERS = 50_000


class MailEvidence:
    """Turns sent messages into `smtp.received`."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def note(self, raw: bytes, sender: str, to: Sequence[str], via: str) -> None:
        """Emit what was sent, however it was sent (VIA is smtp or web)."""
        mail = read_mail(raw)
        blobs = self._witness.blobs
        self._witness.emit(
            "smtp.received",
            {
                "from": sender,
                "to": list(to),
                "subject": mail.subject,
                "text": (mail.text or mail.html)[:_MOST_CHARACTERS],
                "html": mail.html[:_MOST_CHARACTERS],
                "attachments": [
                    {"name": f.name, "digest": blobs.put(f.data), "bytes": len(f.data)}
                    for f in mail.files
                ],
                "message_id": mail.message_id,
                "digest": blobs.put(raw),
                "canaries": self._witness.hits(
                    _pieces(raw, mail), Place(mailboxes=tuple(to) or ("",))
                ),
                "via": via,
            },
        )


def _pieces(raw: bytes, mail: Mail) -> Iterator[tuple[str, bytes | str]]:
    yield "subject", mail.subject
    yield "text", mail.text
    yield "html", mail.html
    for file in mail.files:
        yield "attachment", file.data
        yield "attachment", file.name
    yield "", raw
