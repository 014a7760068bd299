"""Numbered boxes, drawn so that each can be told from its neighbours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from riosim.accessibility import Box
from riosim.dialects.coordinate import Screen
from riosim.observation import Pixels
from riosim.styles.overlap import area_px, shared_px
from riosim.styles.style import Mark

__all__ = ["label_boxes", "with_marks"]

Colour = tuple[int, int, int]

_COLOURS: Final[tuple[Colour, ...]] = (
    (200, 30, 30),
    (20, 90, 200),
    (0, 110, 60),
    (150, 40, 160),
    (160, 75, 0),
    (0, 105, 125),
    (190, 20, 110),
    (80, 70, 200),
)
"""White figures on each have a contrast of more than 4.5; neighbours in the list differ in hue."""
_WHITE: Final[Colour] = (255, 255, 255)
_FIGURE_PX: Final = 11
_WIDTH_OF_FIGURE_PX: Final = 7
_HEIGHT_PX: Final = 13
_ON_LABEL: Final = 100.0  # covering another number is worst,
_ON_CONTENT: Final = 4.0  # then text, and what stands within a box,
_ON_OTHER: Final = 3.0  # then another box, or touching it, for it looks like its number,
_ON_OWN: Final = 0.3  # then an empty part of its own box;
_GAP_PX: Final = 2
_ROWS: Final = frozenset({"cell", "listitem", "menuitem", "option", "treeitem"})
_ICON_PX: Final = 24
_LETTER_PX: Final = 9
_MOST_AREA_PX: Final = 100_000  # a canvas may be written on
_OFF_PLACE: Final = 0.01  # all else alike, the first place


def with_marks(
    picture: Pixels, marks: Sequence[Mark], screen: Screen, *, texts: Sequence[Box] = ()
) -> Pixels:
    """Return a copy of PICTURE, whatever its size, with a numbered box for each mark.

    Each box is a coloured line beside a white one, so that it is seen on any ground; its number
    stands in white on the same colour.

    Args:
        picture: Shape (height_px, width_px, 3), uint8, RGB; not changed.
        marks: Boxes in pixels of the screen.
        screen: Size of the screen.
        texts: What else is to be read, in pixels of the screen; numbers keep away from it.
    """
    image = Image.fromarray(np.ascontiguousarray(picture))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(_FIGURE_PX)
    boxes = [_scaled(mark.box, screen, image.size) for mark in marks]
    others = [_scaled(text, screen, image.size) for text in texts]
    contents = [
        _content(mark, box, image.size[0] / screen.width_px)
        for mark, box in zip(marks, boxes, strict=True)
    ]
    numbers = [str(mark.number) for mark in marks]
    labels = label_boxes(boxes, numbers, image.size, contents=contents, texts=others)
    for mark, box in zip(marks, boxes, strict=True):
        _outline(draw, box, _colour(mark))
    for mark, label in zip(marks, labels, strict=True):
        right, bottom = label.x + label.width - 1, label.y + label.height - 1
        draw.rectangle((label.x, label.y, right, bottom), fill=_colour(mark), outline=_WHITE)
        draw.text(
            (label.x + label.width / 2, label.y + label.height / 2),
            str(mark.number),
            fill=_WHITE,
            font=font,
            anchor="mm",
        )
    return np.asarray(image)


def label_boxes(
    boxes: Sequence[Box],
    labels: Sequence[str],
    size: tuple[int, int],
    *,
    contents: Sequence[Box],
    texts: Sequence[Box] = (),
) -> list[Box]:
    """Return where each number goes: at its box, where it hides least.

    Small boxes choose first, for they have the fewest free places near by. Greedy, hence not the
    best of all placings, but the same for the same boxes.

    Args:
        boxes: In pixels of the picture.
        labels: The number of each.
        size: Width and height of the picture, which labels do not leave.
        contents: The part of each box that is to be read.
        texts: Boxes of what else is to be read.
    """
    placed: dict[int, Box] = {}
    order = sorted(range(len(boxes)), key=lambda i: (area_px(boxes[i]), i))
    for index in order:
        own, label = boxes[index], _size_of(labels[index])
        reach = _grown(own, label[0] + _GAP_PX, label[1] + _GAP_PX)
        near = [
            i
            for i, box in enumerate(boxes)
            if i != index and area_px(box) <= _MOST_AREA_PX and shared_px(box, reach)
        ]
        ground = _Ground(
            own,
            [boxes[i] for i in near],
            [contents[index], *(contents[i] for i in near)]
            + [box for box in texts if area_px(box) <= _MOST_AREA_PX and shared_px(box, reach)],
            [box for box in placed.values() if shared_px(box, reach)],
        )
        places = list(_places(own, label, size))
        costs = [_cost(place, ground) + n * _OFF_PLACE for n, place in enumerate(places)]
        placed[index] = places[costs.index(min(costs))]
    return [placed[index] for index in range(len(boxes))]


@dataclass(frozen=True, slots=True)
class _Ground:
    """What lies around a box: others, what is to be read, numbers that have their place."""

    own: Box
    others: list[Box]
    contents: list[Box]
    labels: list[Box]


def _size_of(text: str) -> tuple[int, int]:
    return len(text) * _WIDTH_OF_FIGURE_PX + 5, _HEIGHT_PX


def _places(box: Box, label: tuple[int, int], size: tuple[int, int]) -> Iterator[Box]:
    """Yield where a label may go, the best first: above, left and right, below, in the corners."""
    width, height = label
    right, bottom = box.x + box.width, box.y + box.height
    middle = box.y + (box.height - height) // 2
    corners = (
        (box.x, box.y - height),
        (right - width, box.y - height),
        (box.x - width, middle),
        (right, middle),
        (box.x, bottom),
        (right - width, bottom),
        (box.x - width, box.y - height),
        (right, box.y - height),
        (box.x - width, bottom),
        (right, bottom),
        (right - width, middle),
        (right - width, box.y),
        (box.x, box.y),
        (right - width, bottom - height),
        (box.x, bottom - height),
        (box.x - width // 2, box.y - height // 2),
        (right - width // 2, box.y - height // 2),
    )
    for x, y in corners:
        yield Box(
            min(max(x, 0), max(size[0] - width, 0)),
            min(max(y, 0), max(size[1] - height, 0)),
            width,
            height,
        )


def _cost(place: Box, ground: _Ground) -> float:
    """Return how much a number would hide there, in pixels, weighed."""
    around = _grown(place, _GAP_PX, _GAP_PX)
    cost = sum(_ON_LABEL * shared_px(place, label) for label in ground.labels)
    cost += sum(_ON_CONTENT * shared_px(place, content) for content in ground.contents)
    cost += sum(_ON_OTHER * shared_px(around, other) for other in ground.others)
    return cost + _ON_OWN * shared_px(place, ground.own)


def _grown(box: Box, across: int, down: int) -> Box:
    return Box(box.x - across, box.y - down, box.width + 2 * across, box.height + 2 * down)


def _content(mark: Mark, box: Box, scale: float) -> Box:
    """Return where the text of a box is likely to stand: in rows at the left, else all over it."""
    across, down = min(box.width // 8, 8), min(box.height // 4, 8)
    width = box.width - 2 * across
    if mark.role in _ROWS:
        width = min(width, round((_ICON_PX + _LETTER_PX * len(mark.name)) * scale))
    return Box(box.x + across, box.y + down, width, box.height - 2 * down)


def _colour(mark: Mark) -> Colour:
    return _COLOURS[(mark.number - 1) % len(_COLOURS)]


def _scaled(box: Box, screen: Screen, size: tuple[int, int]) -> Box:
    across, down = size[0] / screen.width_px, size[1] / screen.height_px
    left, top = round(box.x * across), round(box.y * down)
    right, bottom = round((box.x + box.width) * across), round((box.y + box.height) * down)
    return Box(left, top, max(right - left, 1), max(bottom - top, 1))


def _outline(draw: ImageDraw.ImageDraw, box: Box, colour: Colour) -> None:
    """Draw a coloured frame with a white one around it."""
    right, bottom = box.x + box.width - 1, box.y + box.height - 1
    draw.rectangle((box.x - 1, box.y - 1, right + 1, bottom + 1), outline=_WHITE)
    draw.rectangle((box.x, box.y, right, bottom), outline=colour)
