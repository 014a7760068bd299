"""The pictures of the grid, drawn."""

from typing import Final

from markupsafe import Markup

__all__ = ["KINDS", "drawing"]

_SHAPES: Final = {
    "boat": '<path d="M0 64h100v36H0z" fill="#3c7fb5"/>'
    '<path d="M18 62h64L70 80H30z" fill="#b4472f"/>'
    '<path d="M48 14v46M50 16l28 38H50z" fill="#f4f1e6" stroke="#4a3527" stroke-width="3"/>',
    "tree": '<path d="M0 74h100v26H0z" fill="#86b25d"/><path d="M44 54h12v32H44z" fill="#6d4a2f"/>'
    '<circle cx="50" cy="38" r="27" fill="#2f7d43"/>',
    "bus": '<path d="M0 76h100v24H0z" fill="#7d8288"/><rect x="12" y="32" width="76" height="42" '
    'rx="6" fill="#e2a12c"/>'
    '<path d="M20 40h16v14H20zM42 40h16v14H42zM64 40h16v14H64z" fill="#d6ebf5"/>'
    '<circle cx="30" cy="76" r="9"/><circle cx="70" cy="76" r="9"/>',
    "house": '<path d="M0 76h100v24H0z" fill="#9dbb74"/><path d="M22 44h56v40H22z" fill="#d9b48a"/>'
    '<path d="M14 46l36-30 36 30z" fill="#8a3f34"/><path d="M44 60h14v24H44z" fill="#4f3a2c"/>',
    "lamp": '<path d="M0 84h100v16H0z" fill="#8b8f96"/><path d="M42 10h18v46H42z" fill="#2d3138"/>'
    '<circle cx="51" cy="19" r="6" fill="#d94436"/><circle cx="51" cy="33" r="6" fill="#e9b93c"/>'
    '<circle cx="51" cy="47" r="6" fill="#46a758"/><path d="M48 56h6v30h-6z" fill="#2d3138"/>',
    "bridge": '<path d="M0 70h100v30H0z" fill="#5a92b8"/><path d="M0 50h100v10H0z" fill="#7b7f86"/>'
    '<path d="M10 84V58q20-34 40 0v26M50 84V58q20-34 40 0v26" fill="none" stroke="#7b7f86" '
    'stroke-width="7"/>',
}
KINDS = tuple(_SHAPES)


def drawing(kind: str) -> Markup:
    """Return the picture of KIND as inline SVG."""
    sky = '<rect width="100" height="100" fill="#cfe4ef"/>'
    shape = sky + _SHAPES[kind]
    return Markup(f'<svg viewBox="0 0 100 100" aria-hidden="true">{shape}</svg>')  # noqa: S704 - ours
