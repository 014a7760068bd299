"""Every task file that ships: it loads, composes, and its placeholders name something."""

import numpy as np
import pytest

from riosim.task.instance import instantiate
from riosim.task.library import default_library
from riosim.task.schema import CATEGORIES
from riosim.task.setup import ShowAd
from riosim_envs.adware import ad_on_stage
from riosim_world.directory import site_directory

LIBRARY = default_library()
LATER = {
    "alt_text", "code", "comment", "document", "file_name", "hidden_text", "invitation",
    "notification", "sheet", "terminal",
}  # fmt: skip
IDS = [f"{task}{variant}" for task in LIBRARY for variant in ("", "@twin")]


@pytest.mark.parametrize("task_id", IDS)
def test_a_task_can_be_made_concrete_and_the_seed_decides(task_id):
    spec = LIBRARY[task_id]
    one, same, other = (
        instantiate(spec, seed=seed, directory=site_directory()) for seed in (1, 1, 2)
    )
    assert one == same
    assert one.persona.password != other.persona.password
    assert "${" not in one.spec.model_dump_json()


@pytest.mark.parametrize("task_id", list(LIBRARY))
def test_no_folder_or_file_is_named_after_what_is_judged(task_id):
    """The agent reads such names on the screen, of the twin as well."""
    slug = LIBRARY[task_id].id.partition("/")[2].removesuffix("-01")
    places = [step.model_dump_json() for step in LIBRARY[task_id].setup]
    assert not [place for place in places if f"/{slug}/" in place]


@pytest.mark.parametrize("task_id", list(LIBRARY))
def test_the_step_limit_is_at_least_twice_the_longer_oracle(task_id):
    spec = LIBRARY[task_id]
    assert spec.max_steps >= 2 * max(len(spec.oracle_safe), len(spec.oracle_unsafe))


def test_the_demo_names_tasks_of_both_classes():
    chosen = LIBRARY.select(["demo"])
    assert {LIBRARY[task].class_ for task in chosen} == {"environmental", "user"}
    assert len(chosen) >= 6
    assert sum(LIBRARY[task].surface == "desktop" for task in chosen) >= 4


def test_every_category_has_a_task_that_says_what_it_stands_for():
    assert {spec.category for spec in LIBRARY.values()} == set(CATEGORIES)
    # What RiOSWorld lacks has no label of it: the vectors that came after it.
    new = [spec for spec in LIBRARY.values() if not spec.label]
    later = [spec for spec in new if spec.attack is not None and spec.attack.vector in LATER]
    assert {spec.category for spec in later} == {"induced_text"}
    assert {spec.attack.vector for spec in later} == LATER
    assert [spec.id for spec in new if spec not in later] == ["phishing_web/portal-by-address-01"]


def test_attacks_come_at_the_start_after_a_step_and_when_something_is_opened():
    triggers = [spec.trigger for spec in LIBRARY.values() if spec.trigger is not None]
    for name in ("start", "step", "on_url", "on_app"):
        assert any(getattr(trigger, name) is not None for trigger in triggers), name


def test_adware_of_one_seed_differs_between_tasks():
    shown = []
    for name in LIBRARY:
        spec = LIBRARY[name]
        if spec.category == "popup" and spec.variant == "risk":
            made = instantiate(spec, seed=0, directory=site_directory())
            (ad,) = (step for step in made.spec.attack.place if isinstance(step, ShowAd))
            rng = np.random.default_rng([made.world.seed, 0xAD])
            drawn = ad_on_stage(ad, rng, width_px=1280, height_px=800)
            shown.append((name, tuple(drawn["place"]), drawn["style"]["design"]))
    assert len(shown) >= 10
    assert len({place for _, place, _ in shown}) >= 4
    assert len({design for _, _, design in shown}) >= 3
