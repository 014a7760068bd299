"""Whether a container on a slot's network can reach this host: it must not, on any address."""

import json
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from riosim.errors import SandboxError, SandboxNotReadyError
from riosim_envs.container import ContainerSpec, remove_container, start_attached
from riosim_envs.desktop_container import CAPABILITIES
from riosim_envs.engine import Engine
from riosim_envs.limits import ContainerLimits
from riosim_envs.network import SlotNetwork, create_network, remove_network
from riosim_envs.stream import SocketStream

__all__ = ["PROBE", "HostListener", "Reached", "host_addresses", "host_reachability", "probe_from"]

METADATA: Final = "169.254.169.254"
_MIB: Final = 2**20
_TIMEOUT_S: Final = 60.0

# Run by Python 3 inside a container: tries all targets at once, prints those that answered.
PROBE: Final = """
import json, socket, sys, threading
targets, reached = json.loads(sys.argv[1]), []
def attempt(host, port):
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
    ):
        with socket.socket(family, kind, protocol) as sock:
            sock.settimeout(2.0)
            try:
                sock.connect(address)
            except OSError:
                continue
            reached.append([host, port])
def guarded(host, port):
    try:
        attempt(host, port)
    except OSError:
        pass
threads = [threading.Thread(target=guarded, args=target) for target in targets]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps(reached))
"""


@dataclass(frozen=True, slots=True)
class Reached:
    """A target that answered a probe."""

    host: str
    port: int


class HostListener:
    """Listens on every address of this host, IPv4 and IPv6, and counts who came."""

    def __init__(self) -> None:
        self.n_visits = 0
        everywhere = "0.0.0.0"  # noqa: S104  # every address: that is the question
        self._sockets = [_listening(socket.AF_INET, everywhere)]
        self.port = int(self._sockets[0].getsockname()[1])
        if socket.has_ipv6:
            with suppress(OSError):  # a host without IPv6 has nothing to reach by it
                self._sockets.append(_listening(socket.AF_INET6, "::", self.port))
        self._threads = [
            threading.Thread(target=self._accept, args=(sock,), daemon=True)
            for sock in self._sockets
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        """Listen already."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Listen no more."""
        for sock in self._sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5.0)
        for sock in self._sockets:
            sock.close()

    def _accept(self, sock: socket.socket) -> None:
        while True:
            try:
                visitor, _ = sock.accept()
            except OSError:
                return
            self.n_visits += 1
            visitor.close()


def _listening(family: socket.AddressFamily, host: str, port: int = 0) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind((host, port))
    sock.listen()
    return sock


def host_addresses() -> list[str]:
    """Return every address that this host has now, bridges and link-local ones included."""
    found = {"127.0.0.1", "::1"}
    with suppress(OSError):
        found |= {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None)}
    found |= _local_ipv4(_text(Path("/proc/net/fib_trie")))
    for line in _text(Path("/proc/net/if_inet6")).splitlines():
        digits, *_ = line.split()
        packed = socket.inet_ntop(socket.AF_INET6, bytes.fromhex(digits))
        found.add(f"{packed}%eth0" if packed.startswith("fe80") else packed)
    return sorted(found)


def _local_ipv4(trie: str) -> set[str]:
    """Return the addresses that the kernel's routing trie calls local."""
    found, leaf = set(), ""
    for line in trie.splitlines():
        words = line.split()
        if words[:1] == ["|--"]:
            leaf = words[1]
        elif words[:2] == ["/32", "host"] and words[2:] == ["LOCAL"]:
            found.add(leaf)
    return found


def host_reachability(engine: Engine, image: str, *, run_id: str = "doctor") -> list[Reached]:
    """Probe this host from a container like a desktop, as its root; what answered must be nothing.

    Args:
        engine: An engine on this machine; with another one the answer means nothing.
        image: Any local image with Python 3.
        run_id: Value of the label that container and network carry meanwhile.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(HostListener())
        network = create_network(engine, run_id)
        stack.callback(remove_network, engine, network.id)
        targets = [(address, listener.port) for address in (*host_addresses(), network.bridge_ip)]
        targets += [(METADATA, 80), (METADATA, listener.port)]
        reached = [Reached(*one) for one in _probe(engine, image, network, run_id, targets)]
        # Its own loopback answers nobody: the listener is not in its network.
        if listener.n_visits and not reached:
            reached.append(Reached("unknown", listener.port))
    return reached


def probe_from(
    run: Callable[..., Any], targets: Sequence[tuple[str, int]], **options: Any
) -> list[Reached]:
    """Probe from inside a running desktop; RUN is its `exec`."""
    done = run("python3", "-c", PROBE, json.dumps(list(targets)), **options)
    if done.status != 0:
        raise SandboxError(f"The probe ended with {done.status}: {done.stderr[-500:]}")
    return [Reached(str(host), int(port)) for host, port in json.loads(done.stdout)]


def _probe(
    engine: Engine,
    image: str,
    network: SlotNetwork,
    run_id: str,
    targets: Sequence[tuple[str, int]],
) -> list[tuple[str, int]]:
    spec = ContainerSpec(
        role="probe",
        run_id=run_id,
        name=f"{network.name}-probe-{secrets.token_hex(3)}",
        image=image,
        user="0:0",
        hostname="probe",
        network=network.name,
        ip=network.desktop_ip,
        dns_ip=network.stage_ip,
        capabilities=CAPABILITIES,
        limits=ContainerLimits(
            memory_bytes=256 * _MIB,
            pids=128,
            cpus=1.0,
            shm_bytes=_MIB,
            file_bytes=_MIB,
            disk_bytes=_MIB,
        ),
        command=("python3", "-c", PROBE, json.dumps(list(targets))),
    )
    container_id, stream = start_attached(engine, spec)
    try:
        out = _until_end(stream, _TIMEOUT_S)
    finally:
        stream.close()
        remove_container(engine, container_id)
    try:
        return [(str(host), int(port)) for host, port in json.loads(out)]
    except (ValueError, TypeError) as exc:
        said = stream.stderr_tail()[-300:]
        raise SandboxError(f"The probe said {out[:200]!r} and {said!r}.") from exc


def _until_end(stream: SocketStream, timeout_s: float) -> bytes:
    """Return all that a process writes until it ends."""
    out = bytearray()

    def read() -> None:
        while data := stream.receive():
            out.extend(data)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if thread.is_alive():
        raise SandboxNotReadyError(f"A probe did not end within {timeout_s:.0f} s.")
    return bytes(out)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
