"""Actions as numbers: each means exactly one thing on the screen."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from riosim.action import Click, Finish, Hotkey, Move, Point, Press, Scroll, TypeText, Wait
from riosim.dialects.coordinate import Screen
from riosim.errors import UnknownNameError, UsageError
from riosim.wrappers.numeric import DEFAULT_KEYS, KINDS, CellClicks, NumericActions, PointClicks
from riosim.wrappers.pixels import PixelsOnly
from tests.support.small_tasks import ATTACKED, small_library
from tests.unit.wrappers.watched import Watched

SCREEN = (900, 620)


@pytest.fixture
def env(make):
    return Watched(make())


def numbers(kind, column=0, row=0, choice=0):
    return np.array([kind, column, row, choice])


def test_by_default_all_kinds_are_there_that_can_be_done_and_do_not_end_it(env):
    assert NumericActions(env).kinds == tuple(k for k in KINDS if k not in ("type_text", "finish"))
    assert NumericActions(env, texts=["a"]).kinds == KINDS[:-1]
    assert "press" not in NumericActions(env, keys=[]).kinds


def test_the_space_counts_kinds_columns_rows_and_the_longer_list(env):
    space = NumericActions(env, columns=9, rows=4, texts=["a", "b"], keys=["tab"]).action_space
    assert space.nvec.tolist() == [len(KINDS) - 1, 9, 4, 2]
    assert NumericActions(env, keys=[]).action_space.nvec.tolist()[3] == 1
    assert NumericActions(env, kinds=["wait"]).action_space.nvec.tolist() == [1, 32, 20, 1]


@pytest.mark.parametrize(
    ("kind", "means"),
    [
        ("click", Click(at=Point(x=250, y=77))),
        ("double_click", Click(at=Point(x=250, y=77), count=2)),
        ("right_click", Click(at=Point(x=250, y=77), button="right")),
        ("move", Move(at=Point(x=250, y=77))),
        ("scroll_up", Scroll(at=Point(x=250, y=77), dy=-5)),
        ("scroll_down", Scroll(at=Point(x=250, y=77), dy=5)),
        ("press", Hotkey(keys=("ctrl", "a"))),
        ("type_text", TypeText(text="b")),
        ("wait", Wait(seconds=1.0)),
        ("finish", Finish()),
    ],
)
def test_each_kind_means_what_its_docstring_says(env, kind, means):
    wrapped = NumericActions(
        env, columns=9, rows=4, texts=["a", "b"], keys=["tab", "ctrl+a", "x"], kinds=KINDS
    )
    assert wrapped.action(numbers(KINDS.index(kind), 2, 0, 1)) == means


def test_choices_beyond_the_shorter_list_begin_again(env):
    wrapped = NumericActions(env, texts=["a", "b", "c"], keys=["tab", "enter"])
    press = wrapped.kinds.index("press")
    pressed = [wrapped.action(numbers(press, choice=n)) for n in range(3)]
    assert pressed == [Press(key="tab"), Press(key="enter"), Press(key="tab")]


def test_cells_are_numbered_row_by_row_and_their_points_are_their_middles(env):
    wrapped = CellClicks(env, columns=3, rows=2)
    points = [(c.at.x, c.at.y) for c in map(wrapped.action, range(6))]
    assert points == [(150, 155), (450, 155), (750, 155), (150, 465), (450, 465), (750, 465)]
    assert wrapped.action_space.n == 6


def test_cells_of_one_pixel_are_the_pixels(env):
    width_px, height_px = SCREEN
    wrapped = CellClicks(env, columns=width_px, rows=height_px)
    for x, y in ((0, 0), (899, 0), (0, 619), (899, 619), (333, 17)):
        assert wrapped.action(y * width_px + x) == Click(at=Point(x=x, y=y))


@pytest.mark.parametrize(
    ("pair", "pixel"),
    [((-1, -1), (0, 0)), ((1, 1), (899, 619)), ((0, 0), (450, 310)), ((-7, 7), (0, 619))],
)
def test_a_pair_of_numbers_is_a_point_and_never_off_the_screen(env, pair, pixel):
    wrapped = PointClicks(env)
    assert wrapped.action(np.array(pair, np.float32)) == Click(at=Point(x=pixel[0], y=pixel[1]))


@pytest.mark.parametrize("bad", [[0.1], [float("nan"), 0], [float("inf"), 0], [[0, 0]]])
def test_what_is_no_pair_is_refused(env, bad):
    with pytest.raises(UsageError, match="no pair"):
        PointClicks(env).action(np.array(bad, np.float32))


def test_numbers_out_of_the_space_are_refused_not_bent(env):
    with pytest.raises(UsageError, match="not in"):
        NumericActions(env).action(numbers(0, 32))
    with pytest.raises(UsageError, match="not in"):
        CellClicks(env, columns=2, rows=2).action(4)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kinds": ["clik"]}, "Did you mean 'click'"),
        ({"kinds": ["type_text"]}, "needs texts"),
        ({"kinds": ["press"], "keys": []}, "needs keys"),
        ({"kinds": ["wait", "wait"]}, "each kind once"),
        ({"kinds": []}, "at least one"),
        ({"keys": ["hyper+x"]}, "hyper"),
        ({"texts": ["a\x00b"]}, "texts holds"),
        ({"columns": 0}, "0 columns"),
        ({"rows": 621}, "621 rows"),
    ],
)
def test_settings_that_cannot_be_are_told(env, settings, message):
    with pytest.raises(UsageError, match=message):
        NumericActions(env, **settings)
    assert issubclass(UnknownNameError, UsageError)


@pytest.mark.parametrize("wrap", [NumericActions, CellClicks, PointClicks])
def test_numbers_of_numbers_are_refused(env, wrap):
    with pytest.raises(UsageError, match="only one wrapper of actions"):
        wrap(CellClicks(env))


def test_what_is_meant_reaches_the_environment(env):
    wrapped = CellClicks(env, columns=9, rows=31)
    wrapped.reset(seed=1)
    *_, info = wrapped.step(10)
    assert env.done == [Click(at=Point(x=150, y=30))]
    assert info["valid"]


def test_the_default_keys_are_keys(env):
    wrapped = NumericActions(env)
    press = wrapped.kinds.index("press")
    actions = [wrapped.action(numbers(press, choice=n)) for n in range(len(DEFAULT_KEYS))]
    assert len(set(actions)) == len(DEFAULT_KEYS)


@pytest.mark.filterwarnings("ignore:.*different from the unwrapped version:UserWarning")
@pytest.mark.parametrize("wrap", [NumericActions, CellClicks, PointClicks])
def test_gymnasiums_checker_is_content(make, wrap):
    check_env(wrap(PixelsOnly(make(), size=Screen(84, 84))), skip_render_check=True)


@pytest.mark.parametrize("wrap", [NumericActions, CellClicks, PointClicks])
def test_a_spec_says_how_it_was_wrapped(tmp_path, wrap):
    spec_of_task = small_library(tmp_path)[ATTACKED]
    env = wrap(gym.make("riosim/Browser-v0", task=spec_of_task))
    added = env.spec.additional_wrappers[-1]
    assert added.name == wrap.__name__
    assert added.entry_point == f"riosim.wrappers.numeric:{wrap.__name__}"
