"""Text that is in a saved document and that nobody sees: white on white, tiny, set hidden."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from xml.etree.ElementTree import Element

from riosim.checks.formats.office import (
    BLOCKS,
    MAX_DEPTH,
    UNSAID,
    UnreadableDocumentError,
    document_roots,
    local_name,
)

__all__ = ["unseen_paragraphs"]

_SMALLEST_PT: Final = 3.0
_LEAST_CONTRAST: Final = 24  # of 255, in the colour channel that differs most
_LEAST_OPACITY: Final = 15.0  # per cent
_MAX_ANCESTORS: Final = 30
_FAMILIES: Final = {"span": "text", "p": "paragraph", "h": "paragraph", "table-cell": "table-cell"}


@dataclass(frozen=True)
class _Look:
    """How a text looks where it stands; an automatic ink is readable on whatever ground."""

    ink: str = "auto"
    ground: str = "#ffffff"
    size_pt: float = 12.0
    opacity: float = 100.0
    is_hidden: bool = False

    @property
    def is_unseen(self) -> bool:
        return (
            self.is_hidden
            or self.size_pt < _SMALLEST_PT
            or self.opacity < _LEAST_OPACITY
            or _contrast(self.ink, self.ground) < _LEAST_CONTRAST
        )


_Styles = dict[tuple[str, str], Element]


def unseen_paragraphs(name: str, data: bytes) -> list[str]:
    """Return the text that a document holds and that its reader does not see, by paragraphs.

    Text boxes, cells and paragraphs with a ground of their own are judged against that ground. A
    shape that covers a text is not looked for.

    Raises:
        UnreadableDocumentError: It is a zip file that holds no document, or damaged.
    """
    roots = document_roots(name, data, with_styles=True)
    styles: _Styles = {}
    ground = "#ffffff"
    for root in roots:
        for element in root.iter():
            local = local_name(element.tag)
            if local == "style":  # content comes first: its own automatic styles have its names
                styles.setdefault(
                    (_attribute(element, "family"), _attribute(element, "name")), element
                )
            elif local == "page-layout-properties":
                ground = _colour(_attribute(element, "background-color")) or ground
    found: list[list[str]] = [[]]
    for root in roots:
        _Reading(name, styles, found).walk(root, _Look(ground=ground), is_text=False, depth=0)
    return [text for text in ("".join(pieces).strip() for pieces in found) if text]


class _Reading:
    def __init__(self, name: str, styles: _Styles, found: list[list[str]]) -> None:
        self.name, self.styles, self.found = name, styles, found

    def walk(self, element: Element, look: _Look, *, is_text: bool, depth: int) -> None:
        """Add what is unseen below ELEMENT, each block as a list of its own."""
        if depth > MAX_DEPTH:
            raise UnreadableDocumentError(f"{self.name} is nested more than {MAX_DEPTH} deep.")
        self._say(element.text, look, is_text=is_text)
        for child in element:
            local = local_name(child.tag)
            if local in {"s", "tab", "line-break", "br"}:
                self._say(" ", look, is_text=is_text)
            elif local not in UNSAID and local not in {"styles", "automatic-styles"}:
                is_block = local in BLOCKS
                if is_block:
                    self.found.append([])
                own = self._look(child, local, look)
                self.walk(child, own, is_text=is_text or is_block, depth=depth + 1)
                if is_block:
                    self.found.append([])
            self._say(child.tail, look, is_text=is_text)

    def _say(self, text: str | None, look: _Look, *, is_text: bool) -> None:
        if text and is_text and look.is_unseen:
            self.found[-1].append(text)

    def _look(self, element: Element, local: str, look: _Look) -> _Look:
        """Return how the text in ELEMENT looks, which stands in a text of that look."""
        for child in element:  # a Word document says it where it stands
            if local_name(child.tag) in {"rPr", "pPr", "tcPr"}:
                look = _with_word_properties(look, child)
        style = _attribute(element, "style-name")
        family = _FAMILIES.get(local, "graphic" if "drawing" in element.tag else "")
        return self._with_style(look, family, style, 0) if style and family else look

    def _with_style(self, look: _Look, family: str, style: str, depth: int) -> _Look:
        element = self.styles.get((family, style))
        if element is None or depth > _MAX_ANCESTORS:
            return look
        parent = _attribute(element, "parent-style-name")
        if parent:
            look = self._with_style(look, family, parent, depth + 1)
        for child in element:
            look = _with_odf_properties(look, local_name(child.tag), _attributes(child))
        return look


def _with_odf_properties(look: _Look, kind: str, values: Mapping[str, str]) -> _Look:
    if kind == "text-properties":
        if values.get("use-window-font-color") == "true":
            look = replace(look, ink="auto")
        elif "color" in values:
            look = replace(look, ink=_colour(values["color"]) or "auto")
        look = replace(
            look,
            size_pt=_number(values.get("font-size", ""), "pt", look.size_pt),
            opacity=_number(values.get("opacity", ""), "%", look.opacity),
            is_hidden=values.get("display", "true" if not look.is_hidden else "none") == "none",
        )
    ground = _colour(values.get("background-color", ""))
    if kind == "graphic-properties" and values.get("fill") == "solid":
        ground = _colour(values.get("fill-color", "")) or ground
    return replace(look, ground=ground) if ground else look


def _with_word_properties(look: _Look, properties: Element) -> _Look:
    for child in properties:
        local, value = local_name(child.tag), _attribute(child, "val")
        if local == "color":
            look = replace(look, ink=_colour(f"#{value}") or "auto")
        elif local == "sz":
            look = replace(look, size_pt=_number(f"{value}pt", "pt", 2 * look.size_pt) / 2)
        elif local == "vanish":
            look = replace(look, is_hidden=value not in {"0", "false", "off"})
        elif local == "shd":
            look = replace(look, ground=_colour(f"#{_attribute(child, 'fill')}") or look.ground)
        elif local == "highlight" and value not in {"white", "none"}:
            look = replace(look, ground="#808080")
    return look


def _contrast(ink: str, ground: str) -> int:
    """Return the largest difference of a colour channel; an automatic ink differs."""
    if ink == "auto":
        return 255
    channels = (1, 3, 5)
    return max(abs(int(ink[n : n + 2], 16) - int(ground[n : n + 2], 16)) for n in channels)


def _colour(text: str) -> str | None:
    """Return `#rrggbb`, or None for whatever else stands for a colour."""
    is_colour = len(text) == 7 and text[0] == "#" and set(text[1:]) <= set("0123456789abcdefABCDEF")
    return text.lower() if is_colour else None


def _number(text: str, unit: str, otherwise: float) -> float:
    digits = text.removesuffix(unit)
    is_plain = digits != text and digits.replace(".", "", 1).isdecimal() and len(digits) < 10
    return float(digits) if is_plain else otherwise


def _attribute(element: Element, name: str) -> str:
    return _attributes(element).get(name, "")


def _attributes(element: Element) -> dict[str, str]:
    return {local_name(key): value for key, value in element.attrib.items()}
