"""Hosts of the world: names, and plain addresses that are kept for documentation (RFC 5737)."""

import ipaddress
from typing import Final

__all__ = ["NOBODYS", "is_nobodys", "origin_of"]

NOBODYS: Final = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")


def is_nobodys(host: str) -> bool:
    """Whether a host is a name, or an address that nobody has."""
    address = _address(host)
    return address is None or any(address in ipaddress.ip_network(net) for net in NOBODYS)


def origin_of(host: str) -> str:
    """Return scheme and host of a site of the world; nobody certifies a plain address."""
    return f"{'https' if _address(host) is None else 'http'}://{host}"


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
