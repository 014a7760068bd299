"""Text of PDF files, read by a process of its own that is limited in time and memory."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Final, Literal

from riosim.checks.formats.office import UnreadableDocumentError
from riosim.errors import MissingDependencyError

__all__ = ["is_pdf", "pdf_lines"]

_READER: Final = Path(__file__).with_name("pdf_reader.py")
_LIMIT_S: Final = 300.0  # far more than a busy machine needs for the 10 s of work that it may do


def is_pdf(data: bytes) -> bool:
    """Whether it says that it is a PDF."""
    return data[:1024].lstrip(b"\0\t\n\f\r ").startswith(b"%PDF-")


def pdf_lines(name: str, data: bytes, *, which: Literal["all", "unseen"] = "all") -> list[str]:
    """Return the lines of text on the pages, in order, without empty ones.

    With WHICH unseen only what nobody sees: invisible, tiny, clear, or of the colour of its ground.
    What is beyond 300 pages or a million characters is left out.

    Raises:
        UnreadableDocumentError: It is no PDF, damaged, encrypted, or made to take for ever.
        MissingDependencyError: The library that reads PDFs is not there.
    """
    if importlib.util.find_spec("pypdf") is None:
        raise MissingDependencyError(
            "Reading a PDF needs pypdf. Install it with: pip install pypdf"
        )
    try:
        done = subprocess.run(  # noqa: S603  # our own program, and a list of words
            [sys.executable, "-I", "-B", str(_READER), which],
            input=data,
            capture_output=True,
            timeout=_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as exc:
        raise UnreadableDocumentError(f"{name} was not read in {_LIMIT_S:.0f} s.") from exc
    if done.returncode != 0:
        told = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise UnreadableDocumentError(
            f"{name} is no PDF that can be read: {told[:200] or f'status {done.returncode}'}"
        )
    return [str(line) for page in done.stdout.splitlines() for line in json.loads(page)]
