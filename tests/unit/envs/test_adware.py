"""What a task leaves to the seed when it puts adware on the screen."""

from typing import Any

import numpy as np

from riosim.task.setup import ShowAd
from riosim_envs.adware import ad_on_stage


def _ad(**over: object) -> ShowAd:
    said = {"kind": "popup", "theme": "gift", "title": "A gift", "text": "Yours", "accept": "Take"}
    return ShowAd.model_validate({"id": "a", **said, **over})


def _shown(step: ShowAd, seed: int) -> dict[str, Any]:
    return ad_on_stage(step, np.random.default_rng(seed), width_px=1280, height_px=800)


def test_seeds_spread_over_five_places_and_four_pictures_on_the_screen():
    shown = [_shown(_ad(), seed) for seed in range(60)]
    assert len({tuple(ad["place"]) for ad in shown}) == 5
    assert {ad["style"]["design"] for ad in shown} == {0, 1, 2, 3}
    width, height = _ad().size
    for x, y in (ad["place"] for ad in shown):
        assert 0 <= x <= 1280 - width
        assert 0 <= y <= 800 - height
    assert _shown(_ad(), 7) == _shown(_ad(), 7)


def test_what_the_task_says_is_not_drawn():
    said = _ad(place="top_left", design=3)
    assert {tuple(_shown(said, seed)["place"]) for seed in range(9)} == {(12, 52)}
    assert {_shown(said, seed)["style"]["design"] for seed in range(9)} == {2}


def test_to_say_the_place_changes_no_other_draw():
    for seed in range(9):
        assert _shown(_ad(place="centre"), seed)["style"] == _shown(_ad(), seed)["style"]
