"""`python -m riosim_world`: the world as one process, its wire on standard input and output."""

import argparse
import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path

from riosim_world.operations import Operations
from riosim_world.pipe import Pipe
from riosim_world.services import PORTS, Services, ServiceSettings
from riosim_world.witness import Witness
from riosim_world.world import World

__all__ = ["main"]

_M_MMAP_THRESHOLD = -3
_LARGE_BYTES = 256 * 1024


def main(argv: list[str] | None = None) -> int:
    """Serve until standard input closes."""
    settings = _read(argv)
    _give_memory_back()
    # What a library prints must not stand between frames.
    wire = os.dup(1)
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(prefix="world-") as folder:
        Path(folder).chmod(0o711)
        try:
            asyncio.run(_serve(settings, Pipe(0, wire), Path(folder)))
        except OSError as error:
            print(f"world: cannot serve: {error}", file=sys.stderr)  # noqa: T201 - the log
            return 1
    return 0


def _give_memory_back() -> None:
    """Let every large block go back to the system once it is free.

    glibc would learn from the first upload to keep such blocks for the next one.
    """
    with contextlib.suppress(AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def _read(argv: list[str] | None) -> ServiceSettings:
    parser = argparse.ArgumentParser(prog="riosim_world", description=__doc__)
    for service, port in PORTS.items():
        text = f"port of {service}; 0 takes a free one (default {port})"
        parser.add_argument(f"--{service}-port", type=int, default=port, help=text)
    parser.add_argument(
        "--sniff-port", type=int, help="one port that takes http and https alike; 0: a free one"
    )
    parser.add_argument("--bind", default="0.0.0.0", help="address to listen on")  # noqa: S104 - of the container
    parser.add_argument("--address", help="what every name resolves to (default: our own)")
    parser.add_argument(
        "--only", default=",".join(PORTS), help="the services to run, with commas (default: all)"
    )
    parser.add_argument(
        "--embedded", action="store_true", help="only one free port for http and https alike"
    )
    options = parser.parse_args(argv)
    only = [] if options.embedded else [name for name in options.only.split(",") if name]
    unknown = sorted(set(only) - set(PORTS))
    if unknown:
        parser.error(f"--only: no service is {unknown[0]!r}; known: {', '.join(PORTS)}")
    sniff_port = options.sniff_port
    if options.embedded and sniff_port is None:
        sniff_port = 0
    return ServiceSettings(
        bind=options.bind,
        address=options.address or _own_address(),
        ports={name: getattr(options, f"{name}_port") for name in only},
        sniff_port=sniff_port,
    )


async def _serve(settings: ServiceSettings, pipe: Pipe, folder: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    world = World(Witness(pipe.send_event), folder)
    services = Services(world, settings, folder)
    try:
        await services.open()
        reading = loop.create_task(pipe.run(Operations(world, services)))
        stopping = loop.create_task(stop.wait())
        await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (reading, stopping):
            task.cancel()
    finally:
        await services.close()
        world.close()


def _own_address() -> str:
    """Return the address of the interface that others reach us by."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
            return str(probe.getsockname()[0])
        except OSError:
            pass  # no route leads anywhere, as in the stage: ask for our own name
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"


if __name__ == "__main__":
    sys.exit(main())
