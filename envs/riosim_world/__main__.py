"""`python -m riosim_world`: the world as one process, its wire on standard input and output."""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path

from riosim_world.authority import Authority
from riosim_world.operations import Operations
from riosim_world.pipe import Pipe
from riosim_world.web_servers import WebServers
from riosim_world.witness import Witness
from riosim_world.world import World

__all__ = ["main"]

_SERVICES = ("http", "https", "dns", "smtp", "imap")
_PORTS = {"http": 80, "https": 443, "dns": 53, "smtp": 25, "imap": 143}


def main(argv: list[str] | None = None) -> int:
    """Serve until standard input closes."""
    options = _read(argv)
    # What a library prints must not stand between frames.
    wire = os.dup(1)
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(prefix="world-") as folder:
        try:
            asyncio.run(_serve(options, Pipe(0, wire), Path(folder)))
        except OSError as error:
            print(f"world: cannot listen: {error}", file=sys.stderr)  # noqa: T201 - the log
            return 1
    return 0


def _read(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="riosim_world", description=__doc__)
    for service, port in _PORTS.items():
        text = f"port of {service}; 0 takes a free one (default {port})"
        parser.add_argument(f"--{service}-port", type=int, default=port, help=text)
    parser.add_argument(
        "--sniff-port", type=int, help="one port that takes both http and https; 0: a free one"
    )
    parser.add_argument("--bind", default="0.0.0.0", help="address to listen on")  # noqa: S104 - of the container
    parser.add_argument("--address", help="what every name resolves to (default: our own address)")
    parser.add_argument(
        "--only",
        default=",".join(_SERVICES),
        help="the services to run, with commas between them (default: all)",
    )
    options = parser.parse_args(argv)
    options.only = [name for name in options.only.split(",") if name]
    unknown = sorted(set(options.only) - set(_SERVICES))
    if unknown:
        parser.error(f"--only: no service is {unknown[0]!r}; known: {', '.join(_SERVICES)}")
    return options


async def _serve(options: argparse.Namespace, pipe: Pipe, folder: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    address = options.address or _own_address()
    world = World(Witness(pipe.send_event), folder)
    authority = Authority(default_name=address)
    web = WebServers(world.web, authority, on_gone=world.pages.gone, on_malformed=world.note_noise)
    ports: dict[str, int] = {}
    with contextlib.ExitStack() as stack:
        stack.callback(world.close)
        stack.callback(web.close)
        for name in ("http", "https"):
            if name in options.only:
                port = getattr(options, f"{name}_port")
                ports[name] = await web.open(options.bind, port, tls=name == "https")
        if options.sniff_port is not None:
            ports["sniff"] = await web.open_both(options.bind, options.sniff_port)
        operations = Operations(world, authority, web, ports=ports)
        reading = loop.create_task(pipe.run(operations))
        stopping = loop.create_task(stop.wait())
        await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (reading, stopping):
            task.cancel()


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
