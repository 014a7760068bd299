"""Reads the text in a picture, by Tesseract, in a process with a limit."""

import io
import os
import subprocess
from typing import Any

from channel import RefusalError
from PIL import Image

__all__ = ["read_picture"]

_LIMIT_S = 45
_MAX_CHARS = 100_000
_SMALL_PIXELS = 2_100_000  # up to a full-HD screen, whose letters are small: read at twice its size


def read_picture(width_px: int, height_px: int, blob: bytes = b"") -> dict[str, Any]:
    """Return the text in rows of one grey byte for each pixel.

    Raises:
        RefusalError: The rows do not fit the size, or it was not read in time.
    """
    if min(width_px, height_px) < 1 or len(blob) != width_px * height_px:
        raise RefusalError("bad_request", f"{len(blob)} bytes are not {width_px}x{height_px}.")
    picture = Image.frombytes("L", (width_px, height_px), blob)
    if len(blob) <= _SMALL_PIXELS:
        picture = picture.resize((2 * width_px, 2 * height_px), Image.Resampling.LANCZOS)
    page = io.BytesIO()
    picture.save(page, "PPM")
    try:
        done = subprocess.run(
            ["tesseract", "stdin", "stdout", "--psm", "11", "-l", "eng"],
            input=page.getvalue(),
            capture_output=True,
            timeout=_LIMIT_S,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            check=True,
        )
    except FileNotFoundError as exc:
        raise RefusalError("not_found", "This image has no tesseract.") from exc
    except subprocess.TimeoutExpired as exc:
        raise RefusalError("timeout", f"The picture was not read in {_LIMIT_S} s.") from exc
    except subprocess.CalledProcessError as exc:
        told = exc.stderr.decode(errors="replace")[-200:]
        raise RefusalError("failed", f"tesseract ended with {exc.returncode}: {told!r}.") from exc
    lines = done.stdout.decode(errors="replace").splitlines()
    return {"text": "\n".join(line for line in lines if line.strip())[:_MAX_CHARS]}
