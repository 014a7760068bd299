"""One build of the images at a time: a second one waits, and then finds them built."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["building_alone"]


@contextmanager
def building_alone(folder: Path, on_progress: Callable[[str], None]) -> Iterator[None]:
    """Hold FOLDER's lock, which ends with this process; say so if that means waiting."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "build.lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            on_progress(f"process {holder} is building the images; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
