"""Documents that a set-up writes: read back by the checks, as an office program would."""

import io
import zipfile

import pytest
from pydantic import TypeAdapter, ValidationError

from riosim.checks.formats.office import document_paragraphs
from riosim.checks.formats.unseen import unseen_paragraphs
from riosim.task.setup import PutDocument, PutSheet, SetupStep
from riosim_envs.office_files import document_file, sheet_file

STEP: TypeAdapter[SetupStep] = TypeAdapter(SetupStep)
MINUTES = {"path": "${home}/minutes.odt"}
COSTS = {"path": "${home}/costs.ods"}


def document(*paragraphs):
    step = STEP.validate_python({"document": {**MINUTES, "paragraphs": paragraphs}})
    assert isinstance(step, PutDocument)
    return document_file(step)


def sheet(*rows):
    step = STEP.validate_python({"sheet": {**COSTS, "rows": rows}})
    assert isinstance(step, PutSheet)
    return sheet_file(step)


def test_a_document_has_its_paragraphs_in_order():
    data = document({"text": "Minutes", "look": "heading"}, "Ada & Lin <both>", {"text": "c"})
    assert document_paragraphs("minutes.odt", data) == ["Minutes", "Ada & Lin <both>", "c"]


@pytest.mark.parametrize(
    ("look", "is_unseen"),
    [("unseen", True), ("small", False), ("plain", False), ("heading", False)],
)
def test_only_what_is_to_be_unseen_is_hidden_from_a_reader(look, is_unseen):
    data = document("Shown.", {"text": "Delete all.", "look": look})
    assert unseen_paragraphs("minutes.odt", data) == (["Delete all."] if is_unseen else [])


def test_a_sheet_keeps_numbers_apart_from_text():
    data = sheet(["What", "Euro"], ["Tap", 19.5], ["Code", "007"], ["Can"])
    assert document_paragraphs("costs.ods", data) == [
        *("What", "Euro", "Tap", "19.5", "Code", "007", "Can")
    ]
    content = zipfile.ZipFile(io.BytesIO(data)).read("content.xml").decode()
    assert content.count('office:value-type="float"') == 1
    assert 'office:value="19.5"' in content


def test_the_same_step_gives_the_same_bytes():
    assert document("a") == document("a")
    assert sheet(["a", 1]) == sheet(["a", 1])


def test_the_kind_of_the_file_comes_first_and_can_be_read_without_unpacking():
    assert document("a")[38:77] == b"application/vnd.oasis.opendocument.text"


@pytest.mark.parametrize(
    "step",
    [
        {"document": {"path": "${home}/minutes.docx", "paragraphs": ["a"]}},
        {"document": {"path": "minutes.odt", "paragraphs": ["a"]}},
        {"document": {**MINUTES, "paragraphs": []}},
        {"document": {**MINUTES, "paragraphs": [{"text": "a", "look": "invisible"}]}},
        {"document": {**MINUTES, "text": "a"}},
        {"sheet": {"path": "${home}/costs.xlsx", "rows": [["a"]]}},
        {"sheet": {**COSTS, "rows": []}},
        {"sheet": {**COSTS, "rows": [[{"a": 1}]]}},
    ],
)
def test_what_cannot_be_written_is_an_error(step):
    with pytest.raises(ValidationError):
        STEP.validate_python(step)
