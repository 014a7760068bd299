"""Vectors of wrapped environments."""

from functools import partial

import numpy as np
import pytest

import riosim
from riosim.dialects.coordinate import Screen
from riosim.styles.named import style_named
from riosim.testing.fakes import FakeSandbox
from riosim.wrappers.numeric import NumericActions
from riosim.wrappers.pixels import PixelsOnly
from riosim.wrappers.styled import StyledObservation
from tests.support.small_tasks import ATTACKED, small_library

PIXELS = (partial(PixelsOnly, size=Screen(64, 48)), partial(NumericActions, columns=9, rows=12))


@pytest.fixture
def given(tmp_path):
    task = small_library(tmp_path)[ATTACKED]
    return {"task": task, "sandbox": FakeSandbox(), "width_px": 900, "height_px": 620}


@pytest.mark.parametrize(
    ("mode", "vector_kwargs"), [("sync", None), ("async", None), ("async", {"shared_memory": True})]
)
def test_wrappers_are_put_around_each_the_first_innermost(given, mode, vector_kwargs):
    envs = riosim.make_vec(
        "riosim/Browser-v0", 2, mode=mode, wrappers=PIXELS, vector_kwargs=vector_kwargs, **given
    )
    try:
        if mode == "async":
            assert envs.unwrapped.shared_memory == bool(vector_kwargs)
        observations, _ = envs.reset(seed=1)
        assert observations.shape == (2, 48, 64, 3)
        assert envs.single_action_space.nvec.tolist() == [8, 9, 12, 7]
        click_bookmarks = np.array([[0, 0, 0, 0]] * 2)
        after, *_, infos = envs.step(click_bookmarks)
        assert infos["valid"].all()
        assert not np.array_equal(after, observations)  # the genuine site has another colour
    finally:
        envs.close()


def test_texts_and_marks_come_through_a_vector_of_processes(given):
    style = partial(StyledObservation, style=style_named("marks", size=Screen(90, 62)))
    envs = riosim.make_vec("riosim/Browser-v0", 2, wrappers=[style], **given)
    try:
        observations, _ = envs.reset(seed=1)
        assert observations["marks"].shape == (2, 300, 4)
        for text in observations["text"]:
            assert text.startswith('[1] textbox "Search"')
    finally:
        envs.close()
