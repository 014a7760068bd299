"""What the code says of itself: drawings, lists of names, and errors that are translated."""

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import docker.errors
import pytest
from requests.exceptions import RequestException

import riosim
from riosim import errors
from riosim.errors import RiosimError, SandboxError
from riosim_envs.engine import docker_errors

ROOT = Path(__file__).resolve().parents[3]
SOURCES = {
    ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__"): path
    for base, package in (
        (ROOT, "riosim"),
        (ROOT / "envs", "riosim_envs"),
        (ROOT / "envs", "riosim_world"),
        (ROOT / "agents", "riosim_agents"),
    )
    for path in (base / package).rglob("*.py")
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}


def tree_of(cls):
    return {child.__name__: tree_of(child) for child in cls.__subclasses__() if is_ours(child)}


def is_ours(cls):
    return cls.__module__ == "riosim.errors"


def drawn_tree():
    (drawing,) = re.findall(r"```text\n(.*?)```", errors.__doc__, re.DOTALL)
    lines = drawing.splitlines()
    tree: dict[str, Any] = {}
    path: list[tuple[int, dict[str, Any]]] = [(-1, tree)]
    for line in lines:
        indent = len(line) - len(line.lstrip())
        name = line.split()[1] if line.lstrip()[0] in "+-" else line.split()[0]
        while path[-1][0] >= indent:
            path.pop()
        branch = path[-1][1].setdefault(name, {})
        path.append((indent, branch))
    return tree


def test_the_drawing_of_the_errors_is_what_the_classes_are():
    assert drawn_tree() == {"RiosimError": tree_of(RiosimError)}


def test_the_drawing_names_the_status_that_each_branch_ends_with():
    for line in errors.__doc__.splitlines():
        status = re.search(r"exit (\d)", line)
        if status:
            cls = getattr(errors, line.split()[1])
            assert {c.exit_code for c in (cls, *cls.__subclasses__())} == {int(status[1])}


def names_in_all(tree):
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.literal_eval(node.value)
    return None


def rank(name):
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, name


LISTED = {name: names for name, tree in TREES.items() if (names := names_in_all(tree)) is not None}


@pytest.mark.parametrize("module", sorted(LISTED))
def test_all_is_sorted_and_names_what_exists(module):
    names = LISTED[module]
    assert names == sorted(set(names), key=rank)
    defined = set(re.findall(r"[A-Za-z_]\w*", SOURCES[module].read_text(encoding="utf-8")))
    assert set(names) <= defined


def test_what_another_module_imports_is_in_all():
    missing = {
        f"{node.module}.{alias.name} (imported by {name})"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in TREES
        for alias in node.names
        if f"{node.module}.{alias.name}" not in TREES
        and alias.name not in (LISTED.get(node.module) or [])
    }
    assert not missing, "\n".join(sorted(missing))


def test_the_public_names_of_riosim_can_be_had():
    assert riosim.__all__ == dir(riosim)
    for name in riosim.__all__:
        assert getattr(riosim, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        riosim.nothing  # noqa: B018


def of_docker():
    classes = [cls for _, cls in inspect.getmembers(docker.errors, inspect.isclass)]
    return [cls for cls in classes if issubclass(cls, Exception)]


@pytest.mark.parametrize("cls", [*of_docker(), RequestException, ConnectionResetError])
def test_every_error_of_the_engines_sdk_becomes_ours_and_keeps_its_cause(cls):
    # Some have no constructor of their own and pass on to that of their base.
    own = "__init__" in vars(cls)
    needed = [
        parameter
        for parameter in (inspect.signature(cls.__init__).parameters.values() if own else [])
        if parameter.default is parameter.empty
        and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ][1:]
    cause = cls(*["words"] * max(1, len(needed)))
    with pytest.raises(SandboxError, match="Docker failed while starting the stage") as caught:
        with docker_errors("starting the stage"):
            raise cause
    assert caught.value.__cause__ is cause


def test_one_choice_is_written_in_one_order():
    # typing keeps whichever order of a Literal it met first, so import order would decide.
    orders: dict[frozenset[str], set[tuple[str, ...]]] = {}
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
                words = tuple(ast.unparse(node.slice).strip("()").split(", "))
                orders.setdefault(frozenset(words), set()).add(words)
    assert [found for found in orders.values() if len(found) > 1] == []
