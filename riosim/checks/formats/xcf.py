"""Text layers of GIMP's own format.

Source: GIMP's description of the XCF file format (devel-docs/xcf.txt): header, properties,
layer pointers (64 bits from version 11 on), text layers as the parasite `gimp-text-layer`.
"""

import html
import re
import struct
from dataclasses import dataclass, replace

__all__ = ["Layer", "UnreadablePictureError", "xcf_layers"]

_PROP_END, _PROP_OPACITY, _PROP_VISIBLE, _PROP_PARASITES, _PROP_ITEM_PATH = 0, 6, 8, 21, 30
_MAX_LAYERS = 500
_ESCAPES = {"n": "\n", "r": "\n", "t": "\t"}


class UnreadablePictureError(ValueError):
    """The bytes are no XCF file, or one that is cut off."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, or group of layers; `text` is None for one of pixels.

    A layer is visible if the groups around it are, too.
    """

    name: str
    visible: bool
    opacity: int  # 0 to 255
    text: str | None


class _Reader:
    def __init__(self, data: bytes, at: int, pointer_bytes: int) -> None:
        self.data, self.at, self.pointer_bytes = data, at, pointer_bytes

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise UnreadablePictureError(f"An XCF file ends within a field at byte {self.at}.")
        piece = self.data[self.at : self.at + count]
        self.at += count
        return piece

    def word(self) -> int:
        return int(struct.unpack(">I", self.take(4))[0])

    def pointer(self) -> int:
        return int.from_bytes(self.take(self.pointer_bytes), "big")

    def string(self) -> str:
        return self.take(self.word()).rstrip(b"\0").decode(errors="replace")


def xcf_layers(data: bytes) -> list[Layer]:
    """Return the layers, top first.

    Raises:
        UnreadablePictureError: The bytes are not an XCF file.
    """
    match = re.match(rb"gimp xcf (file|v(\d{3}))\0", data)
    if match is None:
        raise UnreadablePictureError(f"No XCF file: it begins {data[:16]!r}.")
    version = int(match[2] or b"0")
    reader = _Reader(data, match.end(), 8 if version >= 11 else 4)
    reader.take(12 + (4 if version >= 4 else 0))  # width, height, base type, precision
    for _ in _properties(reader):
        pass
    layers: list[Layer] = []
    hidden: set[tuple[int, ...]] = set()  # paths of what is not to be seen
    n_outermost = 0
    while (pointer := reader.pointer()) and len(layers) < _MAX_LAYERS:
        layer, path = _layer(_Reader(data, pointer, reader.pointer_bytes))
        if not path:
            path, n_outermost = (n_outermost,), n_outermost + 1
        if not layer.visible or path[:-1] in hidden:  # groups come before what is in them
            hidden.add(path)
        layers.append(replace(layer, visible=path not in hidden))
    return layers


def _layer(reader: _Reader) -> tuple[Layer, tuple[int, ...]]:
    """Return a layer, and its place in the tree of groups if it is in one."""
    reader.take(12)  # width, height, type
    name = reader.string()
    visible, opacity, text = True, 255, None
    path: tuple[int, ...] = ()
    for kind, payload in _properties(reader):
        if kind == _PROP_VISIBLE:
            visible = any(payload)
        elif kind == _PROP_OPACITY:
            opacity = int.from_bytes(payload[-4:], "big")
        elif kind == _PROP_PARASITES:
            text = _text_parasite(payload) if text is None else text
        elif kind == _PROP_ITEM_PATH:
            path = tuple(word for (word,) in struct.iter_unpack(">I", payload[: len(payload) & ~3]))
    return Layer(name, visible, opacity, text), path


def _properties(reader: _Reader) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    while True:
        kind, length = reader.word(), reader.word()
        if kind == _PROP_END:
            return found
        found.append((kind, reader.take(length)))


def _text_parasite(payload: bytes) -> str | None:
    reader = _Reader(payload, 0, 4)
    while reader.at < len(payload):
        name = reader.string()
        reader.word()  # flags
        body = reader.take(reader.word()).decode(errors="replace")
        if name == "gimp-text-layer":
            match = re.search(r'\((?:text|markup) "((?:[^"\\]|\\.)*)"\)', body, re.DOTALL)
            if match is None:
                return ""
            plain = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), match[1], flags=re.DOTALL)
            if match[0].startswith("(markup"):
                plain = html.unescape(re.sub(r"<[^<>]{0,200}>", "", plain))
            return plain
    return None
