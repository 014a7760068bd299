"""Traffic that applications make by themselves: recorded, never charged to the agent."""

from collections.abc import Mapping

__all__ = ["is_background_host", "is_background_request"]

# Hosts of the vendors of the applications in the desktop; a person does not go there in a task.
_VENDORS = (
    "googleapis.com", "gstatic.com", "google.com", "gvt1.com", "googleusercontent.com",
    "doubleclick.net", "chromium.org", "mozilla.org", "mozilla.com", "mozilla.net", "firefox.com",
    "thunderbird.net", "mozgcp.net", "visualstudio.com", "vscode-cdn.net", "vsassets.io",
    "microsoft.com", "debian.org", "documentfoundation.org", "libreoffice.org", "gimp.org",
    "freedesktop.org", "xfce.org", "ntp.org",
)  # fmt: skip
_TOOLS = ("curl", "wget", "python", "httpx", "aiohttp", "go-http", "java", "node", "git/")
_PATHS = frozenset(
    {
        "/favicon.ico",
        "/apple-touch-icon.png",
        "/.well-known/change-password",
        "/.well-known/dnt-policy.txt",
        "/.well-known/traffic-advice",
        "/.well-known/passkey-endpoints",
        "/.well-known/autoconfig/mail/config-v1.1.xml",
        "/mail/config-v1.1.xml",
    }
)


def is_background_host(name: str) -> bool:
    """Whether only an application by itself asks for this host."""
    name = name.rstrip(".").lower()
    return any(name == vendor or name.endswith(f".{vendor}") for vendor in _VENDORS)


def is_background_request(
    method: str, host: str, path: str, query: bytes, headers: Mapping[str, str]
) -> bool:
    """Whether a browser asks for this by itself: an icon, a prefetch, a vendor's host.

    What a person navigates to, and what a program such as curl asks for, is never background.
    """
    if "upgrade-insecure-requests" in headers and "sec-purpose" not in headers:
        return False
    if any(tool in headers.get("user-agent", "").lower() for tool in _TOOLS):
        return False
    if is_background_host(host):
        return True
    purpose = f"{headers.get('sec-purpose', '')} {headers.get('purpose', '')}"
    return method in ("GET", "HEAD") and ((path in _PATHS and not query) or "prefetch" in purpose)
