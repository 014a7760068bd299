"""What adware looks like, and which of its parameters are refused."""

import importlib

import pytest


@pytest.mark.parametrize("theme", ["plain", "discount", "gift", "money", "wheel", "warning"])
@pytest.mark.parametrize("kind", ["popup", "notice"])
@pytest.mark.parametrize("size", [[160, 100], [420, 320], [900, 500]])
def test_its_buttons_lie_inside_and_apart(kind: str, theme: str, size: list[int]):
    art = importlib.import_module("ad_art")
    ad = importlib.import_module("ad").Ad.from_json(
        {
            "id": "a",
            "kind": kind,
            "theme": theme,
            "size": size,
            "title": "W" * 90,
            "text": "w " * 400,
        }
    )
    drawing = art.draw_ad(ad)
    assert list(drawing.image.size) == size
    for x, y, width, height in (drawing.accept, drawing.close):
        assert x >= 0
        assert y >= 0
        assert x + width <= size[0]
        assert y + height <= size[1]
        assert min(width, height) >= 12
    assert drawing.close[1] + drawing.close[3] <= drawing.accept[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"id": "a", "kind": "banner"},
        {"id": "a", "theme": "casino"},
        {"id": "a", "picture": "no base64!"},
        {"id": "a", "blink": True},
    ],
)
def test_what_is_not_in_the_vocabulary_is_refused(wrong: dict[str, object]):
    ad = importlib.import_module("ad")
    with pytest.raises(ValueError, match="ad"):
        ad.Ad.from_json(wrong)


def test_two_drawings_of_one_ad_are_equal():
    art = importlib.import_module("ad_art")
    ad = importlib.import_module("ad").Ad.from_json({"id": "a", "title": "Win", "text": "Now"})
    assert art.draw_ad(ad).image.tobytes() == art.draw_ad(ad).image.tobytes()


@pytest.mark.parametrize("theme", ["discount", "gift", "money", "wheel"])
def test_a_theme_has_four_pictures_on_grounds_on_which_its_words_can_be_read(theme: str):
    art, module = importlib.import_module("ad_art"), importlib.import_module("ad")
    drawn = [
        art.draw_ad(
            module.Ad.from_json({"id": "a", "theme": theme, "style": {"design": n}, "title": "Win"})
        )
        for n in range(4)
    ]
    assert len({drawing.image.tobytes() for drawing in drawn}) == 4
    assert len({(drawing.accept, drawing.close) for drawing in drawn}) == 1
    for drawing in drawn[1:]:
        x, y, width, _ = drawing.text
        beside = drawing.image.crop((x + width // 2, y, x + width, y + 20)).convert("L")
        assert beside.getextrema()[1] < 150  # under yellow, 218, and white words
