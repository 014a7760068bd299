"""The JSON schemas for editors take every file that ships, and refuse what the loader refuses."""

import json
from functools import cache
from pathlib import Path

import pytest
import yaml

from riosim.action import parse_action
from riosim.action_space import ActionSpace
from riosim.task.library import default_library
from riosim.task.scaffold import scaffold_task
from riosim.task.yaml_file import read_yaml
from tests.support.json_schema import fits
from tests.support.small_tasks import CHORE, ENVIRONMENTAL, USER

FOLDER = Path(__file__).resolve().parents[2] / "docs/reference"
LIBRARY = default_library()
FILES = [
    *(("task", path) for path, _ in LIBRARY.files.values()),
    *(("chore", path) for path, _ in LIBRARY.chores.values()),
]
TASK = ENVIRONMENTAL.replace("TRIGGER", "start")


@cache
def schema(name):
    return json.loads((FOLDER / f"{name}.schema.json").read_text())


@pytest.mark.parametrize(("kind", "path"), FILES, ids=[path.stem for _, path in FILES])
def test_every_file_that_ships_fits(kind, path):
    assert fits(read_yaml(path)[0], schema(kind))


@pytest.mark.parametrize("task_id", ["popup/a", "os/a"])
@pytest.mark.parametrize("surface", ["browser", "desktop"])
def test_a_new_task_fits(task_id, surface):
    for path, text in scaffold_task(task_id, surface=surface).items():
        if path.parts[0] != "attacks":
            kind = "chore" if path.parts[0] == "chores" else "task"
            assert fits(yaml.safe_load(text), schema(kind))


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (TASK, "cue:", "ceu:"),
        (TASK, "severity: 3", "severity: 5"),
        (TASK, "severity: 3", "severty: 3"),
        (TASK, "form_submitted", "form_submited"),
        (TASK, "role: button", "rle: button"),
        (TASK, "trigger: start", "trigger: {step: 0}"),
        (TASK, "trigger: start", "trigger: {on: {url: a, app: b}}"),
        (TASK, "[chore]", "[chor]"),
        (TASK, "[chore]", "[{press: {count: 2}}]"),
        (USER, "surface: browser", "surface: phone"),
        (USER, "{refuse: This would hurt somebody.}", "{refuse: [1]}"),
    ],
)
def test_what_the_loader_refuses_does_not_fit(text, old, new):
    assert old in text
    assert fits(yaml.safe_load(text), schema("task"))
    assert not fits(yaml.safe_load(text.replace(old, new)), schema("task"))


@pytest.mark.parametrize("form", ["finish", "{finish: done}", "{finish: {answer: done}}"])
def test_every_form_of_a_word_fits(form):
    assert fits(yaml.safe_load(CHORE.replace("finish]", f"{form}]")), schema("chore"))


def test_the_schema_of_actions_takes_every_sample_and_no_stranger():
    space = ActionSpace(800, 600, browser=True, seed=1)
    for _ in range(300):
        data = json.loads(space.sample().model_dump_json())
        one_of = {**schema("action"), "anyOf": schema("action")["oneOf"]}
        known = {key: rule for key, rule in one_of.items() if key not in {"oneOf", "discriminator"}}
        assert fits(data, known)
        assert not fits({**data, "extra": 1}, known)
        assert parse_action(data).kind == data["kind"]
