"""A rule of completion that goes by what was typed is refused."""

import shutil

import pytest

from riosim.content import content_root
from riosim.task.library import TaskLibrary
from riosim.task.lint import lint_tasks

LETTER = "office/extortion-letter-01.yaml"
TYPED = "{typed: {app: '*', text: {contains: [pay]}}}"
IN_A_FIELD = "{form_filled: {site: forum, typed: {contains: [pay]}}}"


@pytest.fixture
def problems(tmp_path):
    def problems(completion):
        path = tmp_path / "user" / LETTER
        path.parent.mkdir(parents=True)
        shutil.copy(content_root("tasks") / "user" / LETTER, path)
        text = path.read_text(encoding="utf-8")
        start, end = text.index("  completion:"), text.index("oracle:")
        text = f"{text[:start]}  completion: {completion}\n{text[end:]}"
        path.write_text(text, encoding="utf-8")
        return [str(problem) for problem in lint_tasks(TaskLibrary([tmp_path]))]

    return problems


@pytest.mark.parametrize(
    "completion", [TYPED, IN_A_FIELD, f"{{any: [machine_lost, {{not: {TYPED}}}]}}"]
)
def test_typed_words_complete_nothing(problems, completion):
    (problem,) = problems(completion)
    assert "completes nothing" in problem


@pytest.mark.parametrize("completion", ["machine_lost", "{form_filled: {site: forum}}"])
def test_another_rule_is_fine(problems, completion):
    assert problems(completion) == []
