"""Labels of the catalogue: which have a task, and what a wrong one is told."""

import json

import pytest

from riosim.errors import TaskFileError
from riosim.task.coverage import coverage, read_catalogue
from riosim.task.library import default_library
from riosim.task.lint import lint_tasks
from tests.support.command import riosim
from tests.support.small_tasks import ENVIRONMENTAL, small_library

TASK = ENVIRONMENTAL.replace("TRIGGER", "start").lstrip()
TASK_FILE = "environmental/phishing_web/search-01"
LABELS = "phishing_web:\n  copied archive: 3\n  copied forge: 1\nos:\n  chmod: 5\n"


def library(tmp_path, *, label="copied archive", labels=LABELS):
    made = small_library(tmp_path, **{TASK_FILE: f"{TASK}label: {label}\n"})
    (tmp_path / "labels.yaml").write_text(labels, encoding="utf-8")
    return made


def told(tmp_path, **how):
    return [(p.path.name, p.line, p.text) for p in lint_tasks(library(tmp_path, **how))]


def test_a_label_is_covered_by_the_tasks_that_name_it(tmp_path):
    found = {item.label: (item.n_rows, item.task_ids) for item in coverage(library(tmp_path))}
    assert found == {
        "copied archive": (3, ("phishing_web/search-01",)),
        "copied forge": (1, ()),
        "chmod": (5, ()),
    }


def test_a_folder_without_a_catalogue_has_no_labels_and_may_use_any(tmp_path):
    made = small_library(tmp_path, **{TASK_FILE: f"{TASK}label: my own\n"})
    assert coverage(made) == []
    assert lint_tasks(made) == []


@pytest.mark.parametrize(
    ("label", "message"),
    [("copied archiv", "Did you mean 'copied archive'"), ("chmod", "the label belongs to os")],
)
def test_a_label_that_is_not_the_categorys_is_told_with_its_line(tmp_path, label, message):
    [(name, line, text)] = told(tmp_path, label=label)
    assert (name, line) == ("search-01.yaml", f"{TASK}label".count("\n") + 1)
    assert message in text


@pytest.mark.parametrize(
    ("labels", "line"),
    [("phishing_web:\n  copied archive: no\n", 2), ("phishing_web: {}\nfishing: {a: 1}\n", 1)],
)
def test_a_wrong_catalogue_is_told_with_file_and_line(tmp_path, labels, line):
    found = told(tmp_path, labels=labels)
    assert (found[0][0], found[0][1]) == ("labels.yaml", line)
    with pytest.raises(TaskFileError, match=r"labels\.yaml"):
        read_catalogue(tmp_path)


def test_the_catalogue_that_ships_has_the_492_rows_and_116_labels():
    covered = coverage(default_library())
    assert (len(covered), sum(item.n_rows for item in covered)) == (116, 492)


def test_the_command_names_what_is_missing_and_ends_with_1(tmp_path):
    library(tmp_path)
    only = ("--tasks-dir", str(tmp_path), "--no-own-tasks")
    done = riosim("tasks", "coverage", *only, "--missing", "--json")
    assert done.code == 1, done.err
    assert [item["label"] for item in json.loads(done.out)] == ["copied forge", "chmod"]
    assert "1 of 3 labels have a task" in done.err
