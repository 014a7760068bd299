"""Figures beside their targets: what is met, what is missed, and what is told of both."""

import json

import pytest

from benchmarks.figure import Figure, figure_of, quantile
from benchmarks.table import load, machine, page, save, table


def figure(value: float, target: float | None) -> Figure:
    return Figure(what="Reset", value=value, unit="s", of="p50", n=9, target=target)


def test_a_target_is_the_most_that_may_be():
    assert figure(1.0, 1.0).verdict == "met"
    assert figure(1.001, 1.0).verdict == "missed"
    assert figure(1.0, None).verdict == ""


def test_quantiles_are_samples():
    samples = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert quantile(samples, 0.5) == 3.0
    assert quantile(samples, 0.95) == 5.0
    assert quantile([7.0], 0.5) == 7.0
    with pytest.raises(ValueError, match="Nothing was measured"):
        quantile([], 0.5)


def test_a_missed_target_stands_in_the_page(tmp_path):
    facts = {**machine(), "engine": "Docker 1", "load": 0.2}
    missed = figure_of("Step", [70.0, 80.0, 90.0], "ms", target=60)
    save(tmp_path, "embedded", [figure(0.1, 0.2), missed], facts)
    text = page(load(tmp_path, ["embedded", "absent"]))
    assert "| Reset | p50 0.1 s | ≤ 0.2 s | met | 9 |" in text
    assert "| Step | p50 80 ms | ≤ 60 ms | missed | 3 |" in text
    assert f"{facts['cores']} cores" in text
    assert "Other work" not in text
    assert json.loads((tmp_path / "embedded.json").read_text())["figures"][1]["samples"]


def test_a_busy_machine_is_not_hidden(tmp_path):
    save(tmp_path, "link", [figure(1, 2)], {**machine(), "load": 4.5})
    assert "Other work ran meanwhile (load 4.5 before)" in page(load(tmp_path, ["link"]))


def test_numbers_are_as_precise_as_they_are_meant():
    rows = table([figure(0.18833, None), figure(1234.5, None)])
    assert "p50 0.188 s" in rows
    assert "p50 1234 s" in rows
