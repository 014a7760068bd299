"""The lock of the door: web sockets with the token and from our own pages only.

Run as `door.py LISTENING_FD VNC_SOCKET` with the token on standard input.
"""

import hmac
import socket
import sys
import warnings
from typing import Any

warnings.filterwarnings("ignore", message="no 'numpy' module")

from websockify.auth_plugins import InvalidOriginError  # noqa: E402  # after the warning's filter
from websockify.websocketproxy import WebSocketProxy  # noqa: E402  # the same

_PAGES = "/usr/share/novnc"


class Token:
    """Lets in who has the token."""

    def __init__(self, token: str, target: str) -> None:
        self._token, self._target = token, target

    def lookup(self, token: str) -> tuple[str, str] | None:
        """Return where a token leads."""
        right = hmac.compare_digest(token.encode(), self._token.encode())
        return ("unix_socket", self._target) if right else None


class OwnPages:
    """Lets in pages that came from this server, no page of another site."""

    def authenticate(self, headers: Any, target_host: object, target_port: object) -> None:
        """Refuse a connection from elsewhere; what it leads to does not matter."""
        expected, origin = f"http://{headers.get('Host', '')}", headers.get("Origin")
        if origin != expected:
            raise InvalidOriginError(expected=expected, actual=origin)


def main() -> None:
    """Serve until killed."""
    fd, target = int(sys.argv[1]), sys.argv[2]
    with socket.socket(fileno=fd) as listening:
        host, port = listening.getsockname()
        listening.detach()
    server = WebSocketProxy(
        listen_fd=fd,
        listen_host=host,
        listen_port=port,
        web=_PAGES,
        file_only=True,
        token_plugin=Token(sys.stdin.read(), target),
        auth_plugin=OwnPages(),
    )
    server.start_server()


if __name__ == "__main__":
    main()
