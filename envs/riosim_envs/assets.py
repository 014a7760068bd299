"""The content of a file that a task puts somewhere: a text, or one of tasks/assets."""

from riosim.content import content_root
from riosim.errors import UsageError

__all__ = ["file_content"]


def file_content(text: str | None, asset: str | None) -> bytes:
    """Return the bytes.

    Raises:
        UsageError: There is no such asset, or it lies elsewhere.
    """
    if text is not None:
        return text.encode()
    root = (content_root("tasks") / "assets").resolve()
    path = (root / str(asset)).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise UsageError(f"There is no asset {asset!r} in {root}.")
    return path.read_bytes()
