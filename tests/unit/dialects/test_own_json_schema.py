"""The schema that a server is asked to keep an answer to."""

import json

import pytest

from riosim.accessibility import Box
from riosim.action import ACTION_TYPES
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.own_json import OwnJson, own_json_schema
from riosim.styles.style import Mark

SAYABLE = {"type", "properties", "required", "additionalProperties", "anyOf", "enum", "items"}


def parts(schema):
    """Yield every schema within a schema."""
    yield schema
    for inner in [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]:
        yield from parts(inner)
    if "items" in schema:
        yield from parts(schema["items"])


def variants(schema):
    return {v["properties"]["kind"]["enum"][0]: v for v in schema["properties"]["action"]["anyOf"]}


@pytest.mark.parametrize("with_marks", [False, True])
def test_it_keeps_to_what_strict_structured_output_allows(with_marks):
    schema = own_json_schema(with_marks=with_marks)
    assert schema["type"] == "object"
    for part in parts(schema):
        assert set(part) - {"description"} <= SAYABLE
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])


def test_it_offers_every_kind_but_those_left_out():
    kinds = {kind.model_fields["kind"].default for kind in ACTION_TYPES}
    assert set(variants(own_json_schema())) == kinds - {"run_python"}
    assert set(variants(own_json_schema(without=()))) == kinds
    assert set(variants(own_json_schema(without=kinds - {"back"}))) == {"back"}


def test_each_kind_begins_with_its_name_so_that_the_choice_is_plain():
    for kind, variant in variants(own_json_schema()).items():
        assert next(iter(variant["properties"])) == "kind"
        assert variant["properties"]["kind"]["enum"] == [kind]


def test_a_kind_that_is_none_cannot_be_left_out():
    with pytest.raises(ValueError, match="fly: no kind of action"):
        own_json_schema(without=("fly",))
    kinds = {kind.model_fields["kind"].default for kind in ACTION_TYPES}
    with pytest.raises(ValueError, match="No kind of action is left"):
        own_json_schema(without=kinds)


def sample(schema):
    """Return something that fits a schema of ours."""
    if "anyOf" in schema:
        return sample(schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][-1]
    if isinstance(schema["type"], list):
        return None
    if schema["type"] == "object":
        return {key: sample(part) for key, part in schema["properties"].items()}
    if schema["type"] == "array":
        return [sample({"type": "string"}), "b"] if "enum" not in schema["items"] else ["ctrl"]
    return {"integer": 2, "number": 0.5, "string": "a"}[schema["type"]]


@pytest.mark.parametrize("with_marks", [False, True])
@pytest.mark.parametrize("is_whole", [False, True])
def test_what_fits_it_is_read(with_marks, is_whole):
    screen = Screen(1280, 800)
    grid = Grid.pixels(screen) if is_whole else Grid.unit(screen)
    dialect = OwnJson(grid, (Mark(1, Box(0, 0, 9, 9), "button", ""),))
    schema = own_json_schema(with_marks=with_marks, is_whole=is_whole)
    for kind, variant in variants(schema).items():
        action = sample(variant)
        if "url" in action and action["url"] is not None:
            action["url"] = "https://archive.test/"
        (read,) = dialect.read(json.dumps({"thought": "t", "action": action})).actions
        assert not isinstance(read, InvalidOutput), (kind, read)
        assert read.kind == kind
