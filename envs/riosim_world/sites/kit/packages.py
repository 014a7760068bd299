"""Archives that are the same, byte for byte, whenever they hold the same."""

import io
import zipfile
from collections.abc import Mapping

__all__ = ["zip_file"]

_DATE = (2025, 11, 3, 10, 0, 0)


def zip_file(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip archive of FILES, which maps paths to contents."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, _DATE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()
