"""What a visitor sent, read without trusting it."""

from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

__all__ = ["Form", "Upload", "read_form", "whole"]

_MOST_CHARACTERS = 20_000
_MOST_BYTES = 8_000_000  # of one file


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent."""

    name: str
    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form; what is absent is empty."""

    values: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[Upload]] = field(default_factory=dict)

    def text(self, name: str, *, limit: int = _MOST_CHARACTERS) -> str:
        """Return the first value of NAME, trimmed and cut at LIMIT characters."""
        return self.raw(name).strip()[:limit]

    def raw(self, name: str) -> str:
        """Return the first value of NAME as it came: for passwords."""
        return next(iter(self.values.get(name, [])), "")[:_MOST_CHARACTERS]

    def many(self, name: str) -> list[str]:
        """Return every value of NAME."""
        return [value.strip()[:_MOST_CHARACTERS] for value in self.values.get(name, [])]

    def flag(self, name: str) -> bool:
        """Return whether the box NAME was ticked."""
        return self.raw(name) != ""

    def uploads(self, name: str) -> list[Upload]:
        """Return the files of NAME; an empty file box gives none."""
        return self.files.get(name, [])


async def read_form(request: Request) -> Form:
    """Read the form of REQUEST; a body that is no form is an empty one.

    Raises:
        HTTPException: A file is too large (413), or there is too much of anything else (400).
    """
    values: dict[str, list[str]] = {}
    files: dict[str, list[Upload]] = {}
    async with request.form(max_files=20, max_fields=200) as form:
        for name, value in form.multi_items():
            if not isinstance(value, UploadFile):
                values.setdefault(name, []).append(value)
            elif value.filename:
                data = await value.read(_MOST_BYTES + 1)
                if len(data) > _MOST_BYTES:
                    raise HTTPException(413)
                media_type = value.content_type or "application/octet-stream"
                files.setdefault(name, []).append(Upload(value.filename[:200], data, media_type))
    return Form(values, files)


def whole(text: str, *, default: int = 0) -> int:
    """Return TEXT as a whole number of at most nine digits, else DEFAULT."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else default
