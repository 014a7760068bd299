"""Two builds of the images never run at once."""

import os
import threading
from pathlib import Path

from riosim_envs.build_lock import building_alone


def test_a_second_build_says_for_whom_it_waits_and_goes_on_after_it(tmp_path: Path):
    said: list[str] = []
    has_said, order = threading.Event(), []

    def tell(line: str) -> None:
        said.append(line)
        has_said.set()

    def build() -> None:
        with building_alone(tmp_path, tell):
            order.append("second")

    second = threading.Thread(target=build)
    with building_alone(tmp_path, said.append):
        second.start()
        assert has_said.wait(10)
        order.append("first")
    second.join(10)
    assert order == ["first", "second"]
    assert said == [f"process {os.getpid()} is building the images; waiting for it"]


def test_the_lock_of_a_build_that_ended_keeps_nobody_waiting(tmp_path: Path):
    said: list[str] = []
    for _ in range(2):
        with building_alone(tmp_path, said.append):
            pass
    assert said == []
