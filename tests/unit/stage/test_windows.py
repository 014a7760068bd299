"""How much of each window shows."""

import importlib

import pytest


@pytest.mark.parametrize(
    ("boxes", "fractions"),
    [
        ([], []),
        ([(0, 0, 100, 100)], [1.0]),
        ([(0, 0, 50, 100), (0, 0, 100, 100)], [1.0, 0.5]),
        ([(0, 0, 100, 100), (10, 10, 5, 5)], [1.0, 0.0]),
        ([(-50, 0, 100, 100)], [0.5]),
        ([(300, 300, 10, 10)], [0.0]),
        ([(150, 50, 100, 100)], [0.25]),
        ([(0, 0, 10, 10), (90, 90, 10, 10), (0, 0, 100, 100)], [1.0, 1.0, 0.98]),
        ([(5, 5, 0, 0)], [0.0]),
    ],
)
def test_the_visible_share_counts_what_lies_above_and_what_is_off_the_screen(
    boxes: list[tuple[int, int, int, int]], fractions: list[float]
):
    window = importlib.import_module("window")
    assert window.visible_fractions(boxes, 200, 100) == pytest.approx(fractions)


def test_titles_lose_what_cannot_be_printed():
    window = importlib.import_module("window")
    assert window.printable("\x1b[31mred\x00\n" + "A" * 999) == "[31mred  " + "A" * 290
