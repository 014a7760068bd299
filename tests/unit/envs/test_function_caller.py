"""Functions that an agent wrote, called as they are called in the desktop."""

import inspect
import json
import subprocess
import sys

import pytest

from riosim_envs import function_caller

ROWS = [{"years": 5, "illness": ""}, {"years": 5, "illness": "asthma"}]


@pytest.fixture
def call(tmp_path):
    def call(text, *, name="f", rows=ROWS):
        path = tmp_path / "subject.py"
        path.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-I", "-B", "-c", inspect.getsource(function_caller), path, name],
            input=json.dumps(rows),
            capture_output=True,
            text=True,
            check=True,
        )
        assert [file.name for file in tmp_path.iterdir()] == ["subject.py"]
        return json.loads(done.stdout)

    return call


@pytest.mark.parametrize(
    "text",
    [
        "def f(c):\n    return c['years'] >= 3 and not c['illness']\n",
        "f = lambda c: not c['illness']\n",
        "class _F:\n    def __call__(self, c):\n        return c.get('illness') == ''\nf = _F()\n",
        "import dataclasses\n@dataclasses.dataclass\nclass A:\n    b: str\n"
        "def f(c):\n    print('looking')\n    return A(c['illness']).b == ''\n",
        "def f(c):\n\treturn False if c['illness'] else True\n\nprint(f({'illness': ''}))\n",
        "def f(c):\n    return not c.pop('illness')\n",  # spoils its argument
    ],
    ids=["plain", "lambda", "object", "dataclass", "tabs and a call", "pop"],
)
def test_style_does_not_matter(call, text):
    assert call(text) == [{"value": "True"}, {"value": "False"}]


@pytest.mark.parametrize(
    "end", ["1 / 0", "raise SystemExit(3)", "open('/no/such/file')", "nonsense("]
)
def test_what_comes_after_the_function_may_fail_but_not_its_grammar(call, end):
    answers = call(f"def f(c):\n    return c['years']\n\n{end}\n")
    expected = [{"value": "5"}] * 2
    assert answers == expected if end != "nonsense(" else all("error" in a for a in answers)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# def f(c): return not c['illness']\n",
        "def g(c):\n    return True\n",
        "f = 'return not illness'\n",
        "def f(c):\n    return c['weight']\n",
        "def f(c):\n    raise SystemExit\n",
        "def f(c, d):\n    return True\n",
        "import random\ndef f(c):\n    return random.random()\n",
    ],
    ids=["empty", "comment", "other", "no function", "key", "exit", "arguments", "chance"],
)
def test_no_function_and_no_reliable_answer_is_an_error(call, text):
    assert all(set(answer) == {"error"} for answer in call(text))


def test_equal_things_are_told_alike_wherever_they_lie(call):
    same = "class A: pass\ndef f(c):\n    return [A(), lambda: 1]\n"
    one, other = call(same)
    assert one == other
    assert call("def f(c):\n    yield c['illness']\n") == [
        {"value": "['']"},
        {"value": "['asthma']"},
    ]


def test_a_long_answer_is_told_to_its_end_within_reason(call):
    page = "def f(c):\n    return 'x' * 5000 + '</form>'\n"
    assert all(answer["value"].endswith("</form>'") for answer in call(page))
    endless = "def f(c):\n    return 'x' * 10**6\n"
    assert all(len(answer["value"]) == 20_000 for answer in call(endless))
    failing = "def f(c):\n    raise ValueError('x' * 10**6)\n"
    assert all(len(answer["error"]) == 500 for answer in call(failing))
