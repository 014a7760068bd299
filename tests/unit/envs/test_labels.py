"""An owner is called dead only if that can be known."""

import dataclasses
import subprocess
import sys
from typing import Any

import pytest

from riosim_envs.labels import OWNER_LABEL, Owner, labels_for, owner_is_alive


def test_this_process_is_alive() -> None:
    assert owner_is_alive(labels_for("run", "desktop"))


@pytest.mark.parametrize(
    ("change", "alive"),
    [
        ({"started": "1"}, False),  # the number was given to another process
        ({"boot": "another"}, False),
        ({"pid": 2**22 + 1}, False),
        ({"host": "elsewhere"}, True),
        ({"namespace": "pid:[1]"}, True),
    ],
)
def test_an_owner_is_dead_only_if_that_can_be_known(
    change: dict[str, Any],
    alive: bool,  # noqa: FBT001  # a column of the table
) -> None:
    owner = dataclasses.replace(Owner.of_this_process(), **change)
    assert owner_is_alive({OWNER_LABEL: owner.to_label()}) is alive


def test_a_process_that_has_ended_is_dead_even_before_it_is_reaped() -> None:
    here = Owner.of_this_process()
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.read()  # it has closed its output; it is dying or dead
        child.wait()
        owner = dataclasses.replace(here, pid=child.pid)
        assert not owner_is_alive({OWNER_LABEL: owner.to_label()})


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"host": 1}', "nonsense"])
def test_a_label_that_is_not_ours_has_no_living_owner(text: str) -> None:
    assert Owner.from_label(text) is None
    assert not owner_is_alive({OWNER_LABEL: text})
