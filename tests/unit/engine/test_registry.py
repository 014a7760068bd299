"""Plug-ins as distributions bring them: listed without an import, told when they fail."""

import sys
from typing import Any

import pytest

from riosim.errors import MissingDependencyError, UnknownNameError, UsageError
from riosim.registry import Registry, load_object


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a distribution with one module and one entry point on the path."""

    def put(dist, name, source, *, group="riosim.agents", attribute="Agent"):
        folder = tmp_path / dist
        info = folder / f"{dist}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: 1.0\n")
        points = f"[{group}]\n{name} = {dist}_module:{attribute}\n"
        (info / "entry_points.txt").write_text(points)
        (folder / f"{dist}_module.py").write_text(source)
        monkeypatch.syspath_prepend(str(folder))

    return put


def test_a_plug_in_of_a_stranger_is_listed_beside_ours_and_imported_when_asked_for(install):
    install("stranger", "theirs", "class Agent: pass\n")
    agents = Registry[Any]("agent")
    assert {"theirs", "careful"} <= set(agents)
    assert list(agents) == sorted(agents)
    assert agents.origin("theirs") == "stranger_module:Agent (stranger)"
    assert "stranger_module" not in sys.modules
    assert agents["theirs"].__name__ == "Agent"
    assert len(agents) == len(list(agents))


@pytest.mark.parametrize(
    ("source", "attribute", "reason"),
    [
        ("import no_such_package_here\n", "Agent", "No module named 'no_such_package_here'"),
        ("", "Agent", "has no attribute 'Agent'"),
    ],
)
def test_a_plug_in_that_cannot_be_imported_is_listed_and_told_when_asked_for(
    install, source, attribute, reason
):
    install("halfdone", "half", source, attribute=attribute)
    agents = Registry[Any]("agent")
    assert "half" in set(agents)
    with pytest.raises(MissingDependencyError, match=reason) as caught:
        agents["half"]
    assert "halfdone_module" in str(caught.value)


def test_a_plug_in_whose_module_breaks_is_told_with_its_reason(install):
    install("shaky", "trembling", "raise RuntimeError('no drivers here')\n")
    agents = Registry[Any]("agent")
    assert "trembling" in agents
    assert "shaky_module" not in sys.modules
    with pytest.raises(UsageError, match="RuntimeError: no drivers here") as caught:
        agents["trembling"]
    assert "shaky_module:Agent (shaky)" in str(caught.value)


def test_two_plug_ins_of_one_name_are_an_error_that_names_both(install):
    install("one", "same", "class Agent: pass\n")
    install("other", "same", "class Agent: pass\n")
    with pytest.raises(UsageError, match="Two agents are named 'same'") as caught:
        Registry[Any]("agent")
    assert "(one)" in str(caught.value)
    assert "(other)" in str(caught.value)


def test_a_name_that_nobody_could_type_is_an_error(install):
    install("shouting", "LOUD-one", "class Agent: pass\n")
    with pytest.raises(UsageError, match="a name is"):
        Registry[Any]("agent")


def test_an_unknown_name_helps():
    with pytest.raises(UnknownNameError, match=r"Did you mean 'careful'\? Known: ") as caught:
        Registry[Any]("agent")["carefull"]
    assert (caught.value.kind, caught.value.name) == ("agent", "carefull")
    with pytest.raises(UnknownNameError, match="none; is a thing installed"):
        Registry[Any]("thing")["x"]


@pytest.mark.parametrize("reference", ["no.such:Thing", "riosim:no_such", ":Thing", "riosim:", "a"])
def test_a_reference_that_names_nothing_says_how_to_write_one(reference):
    with pytest.raises(UsageError, match="Write module:Class"):
        load_object(reference)


def test_a_reference_may_name_what_lies_deeper():
    assert load_object("riosim.registry:Registry.origin") is Registry.origin
