"""The stage's guest: `python3 /opt/riosim/guest [INSIDE]`, process 1 of the container.

INSIDE is our address on the desktop's network, for a stage that is on two from the start.
"""

import os
import signal
import sys
from pathlib import Path

_LIBRARY = Path(__file__).parent.parent / "lib"


def main() -> None:
    """Serve the host until it closes the line."""
    if _LIBRARY.is_dir():
        sys.path.append(str(_LIBRARY))
        os.environ.setdefault("PYTHONPATH", str(_LIBRARY))
    from channel import Channel
    from service import Service

    channel = Channel.take_over_standard_streams()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    Service(channel, inside=next(iter(sys.argv[1:]), None)).serve()


if __name__ == "__main__":
    main()
