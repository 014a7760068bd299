"""What `riosim tasks show` prints."""

import pytest
import yaml

from riosim.task.library import default_library
from tests.support.command import riosim


@pytest.mark.parametrize("task_id", list(default_library()))
def test_a_task_shown_to_a_file_is_yaml_again(task_id: str) -> None:
    shown = yaml.safe_load(riosim("tasks", "show", task_id).out)
    assert shown["id"] == task_id
    assert shown["instruction"] == default_library()[task_id].instruction
