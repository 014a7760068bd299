"""The lock of the door: web sockets with the token and from our own pages only.

The host that a request names must be a number or `localhost`: a name that somebody lets point here
would make their page look like ours.

Run as `door.py LISTENING_FD VNC_SOCKET` with the token on standard input.
"""

import hmac
import ipaddress
import socket
import sys
from typing import Any

from websockify.auth_plugins import AuthenticationError, InvalidOriginError
from websockify.websocketproxy import WebSocketProxy

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
    """Lets in who calls us by a number, and no page of another site."""

    def authenticate(self, headers: Any, target_host: object, target_port: object) -> None:
        """Refuse a request from elsewhere; what it leads to does not matter."""
        host, origin = headers.get("Host", ""), headers.get("Origin")
        if not _is_no_name(host):
            raise AuthenticationError(response_msg=f"Not the host {host[:100]!r}")
        opens_the_screen = "Upgrade" in headers
        if opens_the_screen and origin != f"http://{host}":
            raise InvalidOriginError(expected=f"http://{host}", actual=origin)


def _is_no_name(host: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name == "localhost"
    return True


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
        web_auth=True,
    )
    server.start_server()


if __name__ == "__main__":
    main()
