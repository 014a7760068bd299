"""A host that waits at a socket, where nobody holds our standard input: `docker compose up`."""

import os
import select
import socket
import time

_LIMIT_S = 60.0
_PAUSE_S = 0.05


def call(path: str) -> None:
    """Make the line to the host at this socket our standard input and output.

    Raises:
        OSError: Nobody was there in time.
    """
    limit = time.monotonic() + _LIMIT_S
    while True:
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(path)
            break
        except (FileNotFoundError, ConnectionRefusedError):
            line.close()
            if time.monotonic() > limit:
                raise
            select.select([], [], [], _PAUSE_S)
    for standard in (0, 1):
        os.dup2(line.fileno(), standard)
    line.close()
