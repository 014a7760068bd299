"""The page of the transformers agent says what is so, and its code runs."""

import ast
import inspect
import re
import textwrap
from pathlib import Path

import pytest

_PAGE = Path(__file__).parents[3] / "docs/agents/transformers.md"


@pytest.fixture(scope="module")
def page() -> str:
    return _PAGE.read_text()


def _blocks(page: str) -> list[str]:
    found = re.findall(r"^( *)```python\n(.*?)^ *```$", page, flags=re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(code) for _, code in found]


def test_the_example_without_a_model_runs(lib, page):
    (code,) = [block for block in _blocks(page) if "Parrot" in block]
    names: dict[str, object] = {"__name__": "example"}
    exec(compile(code, str(_PAGE), "exec"), names)  # noqa: S102  # our own page
    assert len(names["decisions"]) == 3  # type: ignore[arg-type, unused-ignore]


def test_every_import_of_every_example_works(lib, page):
    imports = [
        node
        for block in _blocks(page)
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert len(imports) > 5
    exec(compile(ast.Module(imports, type_ignores=[]), str(_PAGE), "exec"), {})  # noqa: S102  # our own page


def test_the_table_names_every_setting_and_its_default(lib, page):
    parameters = inspect.signature(lib.TransformersAgent).parameters
    rows = re.findall(r"^\| (`.+?) \| (.+?) \|", page, flags=re.MULTILINE)
    told = {name: default for names, default in rows for name in re.findall(r"`(\w+)`", names)}
    assert sorted(told) == sorted(parameters)
    for name, parameter in parameters.items():
        default = parameter.default
        if isinstance(default, str):
            assert told[name] == f"`{default}`"
        if isinstance(default, bool):
            assert told[name] == f"`{str(default).lower()}`"
        elif isinstance(default, int):
            assert told[name] == str(default)
