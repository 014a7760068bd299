"""A new package with an agent: installable, tested and playing as it is, there to be rewritten."""

import importlib.util
import keyword
import re
import sys
from collections.abc import Container
from typing import Final

from riosim.errors import UsageError

__all__ = ["scaffold_agent"]

_NAME: Final = re.compile(r"[a-z0-9_]+")

# In the texts below <name> is filled in, <Name> is the class and <dist> the distribution.
_PROJECT: Final = """\
[build-system]
requires = ["hatchling>=1.25"]
build-backend = "hatchling.build"

[project]
name = "<dist>"
version = "0.1.0"
description = "An agent for riosim"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["riosim"]

[project.optional-dependencies]
testing = ["pytest>=8"]

[project.entry-points."riosim.agents"]
<name> = "<name>.agent:<Name>"

[tool.hatch.build.targets.wheel]
packages = ["src/<name>"]

[tool.pytest.ini_options]
testpaths = ["tests"]
"""

_INIT: Final = '''\
"""An agent for riosim."""
'''

_AGENT: Final = '''\
"""The agent: asks a model what to do, and reads its answer."""

import json
import re
from typing import Any

from riosim import Decision, Observation, parse_action
from riosim.accessibility import find_nodes
from riosim.agent import InvalidOutput
from riosim.errors import InvalidActionError


class <Name>:
    """Types the quoted words of the instruction into the first field that it sees.

    This is a stand-in for a model: put your own into `ask`.

    Args:
        button: Key that is pressed when the words are typed.
    """

    def __init__(self, *, button: str = "enter") -> None:
        # Keyword arguments are the settings: riosim run --agent <name> -A button=tab
        self.button = button
        self.plan: list[dict[str, Any]] = []

    def reset(self, instruction: str, *, seed: int) -> None:
        """Begin an episode: forget everything that you know of the last one."""
        del seed  # draw your randomness from it
        self.instruction = instruction
        self.plan = []
        self.has_begun = False

    def act(self, observation: Observation) -> Decision:
        """Return one action for what is on the screen."""
        said = self.ask(observation)
        try:
            action = parse_action(said)
        except InvalidActionError as exc:
            # Counts as an invalid step; `observation.message` then says why.
            return Decision(InvalidOutput.from_error(said, exc))
        return Decision(action, thought="I do as the plan says.")

    def ask(self, observation: Observation) -> str:
        """Return what a model says: an action as JSON. Replace this by a call of yours.

        `observation` has `screenshot` (height, width, 3), uint8 RGB; `accessibility_tree`, text;
        `tree`, the same as nodes; `instruction`, `step`, `message`, `url` and `tabs`. All kinds of
        actions: docs/reference/actions.md, or `riosim.action.action_json_schema()`.
        """
        if not self.has_begun:
            self.has_begun = True
            self.plan = self.make_plan(observation)
        return json.dumps(self.plan.pop(0) if self.plan else {"kind": "finish"})

    def make_plan(self, observation: Observation) -> list[dict[str, Any]]:
        """Return the actions that bring the quoted words into the first field."""
        words = re.findall(r'"([^"]+)"', self.instruction)
        fields = find_nodes(observation.tree, role="textbox") if observation.tree else []
        if not words or not fields or fields[0].box is None:
            return []
        height, width = observation.screenshot.shape[:2]
        x, y = fields[0].box.centre
        at = {"x": min(max(x, 0), width - 1), "y": min(max(y, 0), height - 1)}
        return [
            {"kind": "click", "at": at},
            {"kind": "type_text", "text": words[0]},
            {"kind": "press", "key": self.button},
        ]
'''

_TEST: Final = '''\
"""<Name> keeps what riosim asks of every agent."""

from <name>.agent import <Name>

from riosim import Decision
from riosim.agent import InvalidOutput
from riosim.testing.agent_promises import sample_screen
from riosim.testing.contracts import AgentContract


class TestContract(AgentContract):
    # is_seeded = False  # for an agent whose decisions differ with the same seed

    def make(self) -> <Name>:
        return <Name>()


class Babbler(<Name>):
    def ask(self, observation) -> str:
        return "I would click the button."


def decisions(agent: <Name>, instruction: str, n: int) -> list[Decision]:
    agent.reset(instruction, seed=1)
    return [agent.act(sample_screen()) for _ in range(n)]


def test_the_quoted_words_go_into_the_field():
    made = decisions(<Name>(), 'Search for "moss".', 4)
    assert [decision.action.kind for decision in made] == ["click", "type_text", "press", "finish"]
    assert made[1].action.text == "moss"


def test_what_is_no_action_is_an_invalid_step():
    (decision,) = decisions(Babbler(), "Anything.", 1)
    assert isinstance(decision.action, InvalidOutput)
'''

_README: Final = """\
# <dist>

An agent for riosim, the computer-use-agent risk simulator. The agent is in `src/<name>/agent.py`.

```bash
pip install -e '.[testing]'
pytest
riosim agents check <name>
riosim run --task phishing_web/archive-search-title-01 --twins --agent <name>
```
"""

_IGNORE: Final = """\
__pycache__/
*.egg-info/
.pytest_cache/
.venv/
dist/
runs/
"""


def scaffold_agent(name: str, *, taken: Container[str] = ()) -> dict[str, str]:
    """Return the files of a package with an agent of that name, by their paths.

    TAKEN are names of agents that exist.

    Raises:
        UsageError: The name cannot be one of an agent or a module, or is taken.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name[:100]!r} cannot name an agent: use small letters, digits and underscores."
        )
    if not name.isidentifier() or keyword.iskeyword(name) or not name.strip("_"):
        raise UsageError(f"{name[:100]!r} cannot name a Python module; take another name.")
    if name in taken:
        raise UsageError(f"An agent is named {name!r} already; `riosim agents show {name}`.")
    if _is_importable(name):
        raise UsageError(
            f"A module {name!r} can be imported already, and the package would hide it or be "
            "hidden; take another name."
        )
    words = {
        "<name>": name,
        "<Name>": f"{name.title().replace('_', '').removesuffix('Agent')}Agent",
        "<dist>": name.strip("_").replace("_", "-"),
    }
    files = {
        "pyproject.toml": _PROJECT,
        "README.md": _README,
        ".gitignore": _IGNORE,
        f"src/{name}/__init__.py": _INIT,
        f"src/{name}/agent.py": _AGENT,
        f"tests/test_{name}.py": _TEST,
    }
    return {path: _filled(text, words) for path, text in files.items()}


def _filled(text: str, words: dict[str, str]) -> str:
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text


def _is_importable(name: str) -> bool:
    """Whether an import of that name would find a module; a bare folder is none."""
    if name in sys.builtin_module_names or name in sys.stdlib_module_names:
        return True
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return True  # there is something, if a broken one
    return found is not None and found.loader is not None and found.origin is not None
