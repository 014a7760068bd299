"""The sizes that the models' own processors give a picture."""

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from riosim.dialects.coordinate import Screen
from riosim.dialects.qwen_vl import qwen_vl_picture
from riosim.dialects.smart_resize import smart_resize
from riosim.dialects.ui_tars import ui_tars_picture
from riosim.errors import UsageError

SIDES = st.integers(1, 4_000)
FACTORS = st.sampled_from([28, 32])


@pytest.mark.parametrize(
    ("size", "factor", "least", "most", "expected"),
    [
        ((1280, 800), 28, 3_136, 12_845_056, (1288, 812)),
        ((1920, 1080), 28, 3_136, 12_845_056, (1932, 1092)),
        ((1280, 800), 28, 3_136, 1_003_520, (1260, 784)),  # 1288x812 is too large
        ((64, 48), 28, 78_400, 12_845_056, (336, 252)),  # 56x56 is too small
        ((1280, 800), 32, 65_536, 16_777_216, (1280, 800)),
        ((1000, 700), 32, 65_536, 16_777_216, (992, 704)),
        ((5_000, 30), 28, 3_136, 12_845_056, (5_012, 28)),
        ((3, 3), 28, 3_136, 3_136, (56, 56)),
    ],
)
def test_it_gives_the_sizes_that_the_processors_give(size, factor, least, most, expected):
    picture = smart_resize(Screen(*size), factor=factor, min_pixels=least, max_pixels=most)
    assert (picture.width_px, picture.height_px) == expected


def test_it_agrees_with_the_processor_of_transformers():
    processing = pytest.importorskip("transformers.models.qwen2_vl.image_processing_pil_qwen2_vl")
    least, most = 80_000, 2_000_000

    @settings(max_examples=300, deadline=None)
    @given(width=SIDES, height=SIDES, factor=FACTORS)
    @example(width=15, height=3_000, factor=32)
    def agrees(width, height, factor):
        assume(max(width, height) <= 200 * min(width, height))
        high, wide = processing.smart_resize(height, width, factor, least, most)
        ours = smart_resize(Screen(width, height), factor=factor, min_pixels=least, max_pixels=most)
        assert (ours.width_px, ours.height_px) == (wide, high)

    agrees()


@given(width=SIDES, height=SIDES, factor=FACTORS)
def test_a_picture_of_that_size_is_left_alone(width, height, factor):
    assume(max(width, height) <= 50 * min(width, height))  # whole patches make it more oblong
    bounds = {"factor": factor, "min_pixels": 80_000, "max_pixels": 2_000_000}
    picture = smart_resize(Screen(width, height), **bounds)
    area = picture.width_px * picture.height_px
    if area <= 2_000_000:  # a side of one patch can keep it above
        assert smart_resize(picture, **bounds) == picture
    assert picture.width_px % factor == picture.height_px % factor == 0


@pytest.mark.parametrize(
    ("least", "most"), [(3_136, 3_135), (0, 10), (100, 99), (-1, -1), (500, 500)]
)
def test_bounds_that_are_none_are_refused(least, most):
    with pytest.raises(UsageError, match="min_pixels <= max_pixels"):
        smart_resize(Screen(100, 100), factor=28, min_pixels=least, max_pixels=most)


def test_a_screen_that_the_models_refuse_is_refused():
    with pytest.raises(UsageError, match="too oblong"):
        smart_resize(Screen(8_040, 40), factor=28, min_pixels=3_136, max_pixels=12_845_056)


@pytest.mark.parametrize(
    ("version", "expected"), [("1.0", (1_932, 1_092)), ("1.5", (3_836, 2_156)), ("doubao", None)]
)
def test_the_bounds_of_ui_tars_are_its_versions_own(version, expected):
    small = ui_tars_picture(Screen(1_920, 1_080), version)
    assert (small.width_px, small.height_px) == (1_932, 1_092)
    large = ui_tars_picture(Screen(3_840, 2_160), version)
    if expected == (1_932, 1_092):
        assert large.width_px * large.height_px <= 2_700 * 28**2
    elif expected:
        assert (large.width_px, large.height_px) == (3_836, 2_156)
    else:
        assert 2_700 * 28**2 < large.width_px * large.height_px <= 5_120 * 28**2


def test_the_bounds_can_be_the_servers():
    picture = qwen_vl_picture(Screen(1_280, 800), "2.5", max_pixels=1_003_520)
    assert (picture.width_px, picture.height_px) == (1_260, 784)
    with pytest.raises(UsageError, match="version '4'"):
        qwen_vl_picture(Screen(10, 10), "4")
