"""What an agent of OSWorld is given, and what becomes of what it returns."""

import io
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from riosim.accessibility import Box, Node
from riosim.action import (
    Click,
    Drag,
    Finish,
    Hotkey,
    Point,
    Press,
    Refuse,
    RunPython,
    TypeText,
    Wait,
)
from riosim.agent import InvalidOutput
from riosim.errors import UsageError
from riosim.observation import Observation
from riosim_agents.foreign.osworld_tree import osworld_xml
from riosim_agents.osworld import OSWorldAgent

TREE = Node(
    "group",
    "screen",
    children=(
        Node(
            "window",
            "Notes",
            box=Box(0, 0, 200, 100),
            app="editor",
            children=(
                Node("button", "Send & \x07 go", box=Box(10, 20, 40, 20)),
                Node("textbox", "To", "a <b>", Box(60, 20, 40, 20), ("focused", "editable")),
                Node("checkbox", "Twice", states=("checked", "disabled")),
            ),
        ),
    ),
)


def observed(*, message="", tree=TREE):
    picture = np.zeros((100, 200, 3), np.uint8)
    picture[20:40, 10:50] = (200, 30, 40)
    return Observation(picture, "Send it.", 0, message=message, tree=tree)


def saying(*answers, **settings):
    """Return an adapter whose agent returns these, and what it was given."""
    seen: list[Any] = []
    agent = OSWorldAgent(
        "tests.support.foreign_agents:Says",
        options={"answers": answers, "seen": seen},
        **settings,
    )
    agent.reset("Send it.", seed=1)
    return agent, seen


def acted(actions, **settings):
    """Return all actions of one answer, one a step."""
    agent, seen = saying(("thinking", actions), **settings)
    decisions = []
    while len(seen) < 2:
        decisions.append(agent.act(observed()))
    return [decision.action for decision in decisions[:-1]]


def test_it_is_given_what_osworlds_environment_observes():
    agent, seen = saying(("r", ["DONE"]))
    agent.act(observed())
    instruction, obs = seen[0]
    assert instruction == "Send it."
    assert set(obs) == {"screenshot", "accessibility_tree", "terminal", "instruction"}
    picture = Image.open(io.BytesIO(obs["screenshot"]))
    assert (picture.format, picture.size) == ("PNG", (200, 100))
    assert picture.getpixel((12, 22)) == (200, 30, 40)
    assert obs["terminal"] is None
    assert obs["instruction"] == "Send it."


def test_without_a_tree_there_is_none():
    agent, seen = saying(("r", ["DONE"]))
    agent.act(observed(tree=None))
    assert seen[0][1]["accessibility_tree"] is None


def test_the_tree_has_osworlds_roles_and_name_spaces():
    root = ET.fromstring(osworld_xml(TREE))  # noqa: S314  # our own XML
    state = "{https://accessibility.ubuntu.example.org/ns/state}"
    component = "{https://accessibility.ubuntu.example.org/ns/component}"
    assert [node.tag for node in root.iter()] == [
        "desktop-frame",
        "application",
        "frame",
        "push-button",
        "entry",
        "check-box",
    ]
    button, entry, box = root[0][0]
    assert button.get("name") == "Send & \ufffd go"
    assert button.get(f"{component}screencoord") == "(10, 20)"
    assert button.get(f"{component}size") == "(40, 20)"
    for name in ("showing", "visible", "enabled"):
        assert button.get(state + name) == "true"
    assert entry.text == "a <b>"
    assert entry.get(f"{state}focused") == "true"
    assert box.get(f"{component}screencoord") is None
    assert box.get(f"{state}showing") is None
    assert box.get(f"{state}enabled") is None
    assert box.get(f"{state}checkable") == "true"


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (["pyautogui.click(10, 20)"], [Click(at=Point(x=10, y=20))]),
        ("pyautogui.click(10, 20)", [Click(at=Point(x=10, y=20))]),
        ([{"command": "pyautogui.press('a')", "action_type": "tool_use"}], [Press(key="a")]),
        ([{"action_type": "PRESS", "parameters": {"key": "a"}}], [Press(key="a")]),
        ({"action_type": "DONE"}, [Finish()]),
        (['{"action_type": "PRESS", "parameters": {"key": "a"}}'], [Press(key="a")]),
        (["DONE"], [Finish()]),
        (["FAIL"], [Refuse()]),
        (["WAIT"], [Wait(seconds=2)]),
        (
            ["pyautogui.press('a')", {"action_type": "PRESS", "key": "b"}, "DONE"],
            [Press(key="a"), Press(key="b"), Finish()],
        ),
        (
            ["pyautogui.moveTo(10, 20)", "pyautogui.dragTo(30, 40)"],
            [Drag(start=Point(x=10, y=20), end=Point(x=30, y=40))],
        ),
        (
            ["pyautogui.keyDown('ctrl')", "pyautogui.press('c')", "pyautogui.keyUp('ctrl')"],
            [Hotkey(keys=("ctrl", "c"))],
        ),
        (
            ["pyautogui.press('a')\ntime.sleep(1)\npyautogui.press('b')", "time.sleep(10)"],
            [Press(key="a"), Press(key="b"), Wait(seconds=10)],
        ),
    ],
)
def test_its_actions_are_played_one_a_step(actions, expected):
    assert acted(actions) == expected


def test_short_waits_are_played_if_that_is_wanted():
    code = "pyautogui.press('a')\ntime.sleep(1)\npyautogui.press('b')"
    assert acted([code], keep_waits=True) == [Press(key="a"), Wait(seconds=1), Press(key="b")]


def test_a_piece_that_is_not_understood_spoils_no_other():
    first, second, third = acted(["pyautogui.press('a')", "launch()", "pyautogui.press('b')"])
    assert (first, third) == (Press(key="a"), Press(key="b"))
    assert isinstance(second, InvalidOutput)
    assert "launch()" in second.reason


def test_code_beyond_the_subset_may_run_in_the_desktop():
    code = "for n in range(3):\n    pyautogui.press('a')"
    assert acted([code], otherwise="run_python") == [RunPython(code=code)]
    both = [RunPython(code=code), Finish()]
    assert acted([code, "DONE"], otherwise="run_python") == both


def test_a_click_without_a_place_is_where_the_last_action_left_the_pointer():
    agent, _ = saying(("r", ["pyautogui.moveTo(10, 20)"]), ("r", ["pyautogui.click()"]))
    agent.act(observed())
    assert agent.act(observed()).action == Click(at=Point(x=10, y=20))
    agent.reset("Again.", seed=2)
    assert isinstance(agent.act(observed()).action, InvalidOutput)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "DONE",
        ("r", []),
        ("r", None),
        ("r", [None]),
        ("r", [7]),
        ("r", [["DONE"]]),
        ("r", [{"x": 1}]),
        ("r", [""]),
        ("r", ["client error"]),
        ("r", ["pyautogui.click(999, 1)"]),
        ("r", ["{" * 5000]),
        ("r", ["x" * 200_000]),
        ("r", {"command": 3}),
    ],
    ids=range(14),
)
def test_what_is_no_action_is_an_invalid_step(answer):
    agent, _ = saying(answer)
    decision = agent.act(observed())
    assert isinstance(decision.action, InvalidOutput)
    assert decision.action.reason


def test_its_response_is_the_thought_whatever_it_is():
    for response, thought in (("I see.", "I see."), ({"a": 1}, '{"a": 1}'), (None, "null")):
        agent, _ = saying((response, ["DONE"]))
        assert agent.act(observed()).thought == thought


def test_the_record_keeps_what_it_returned():
    agent, _ = saying(("r", ["pyautogui.press('a')"]))
    decision = agent.act(observed())
    assert decision.extra == {"osworld": {"actions": ["pyautogui.press('a')"]}}


def test_a_message_reaches_it_with_the_instruction_of_the_next_call():
    agent, seen = saying(("r", ["pyautogui.press('nokey')"]), ("r", ["DONE"]))
    agent.act(observed())
    agent.act(observed(message="No key is named 'nokey'."))
    assert seen[1][0] == "Send it.\n\n(Since your last action: No key is named 'nokey'.)"


def test_it_may_believe_in_another_screen():
    agent, seen = saying(("r", ["pyautogui.click(100, 200)"]), width_px=1000, height_px=1000)
    assert agent.act(observed()).action == Click(at=Point(x=20, y=20))
    obs = seen[0][1]
    assert Image.open(io.BytesIO(obs["screenshot"])).size == (1000, 1000)
    assert 'screencoord="(50, 200)"' in obs["accessibility_tree"]


def test_it_is_reset_in_its_own_way():
    for name in ("OSWorldSearcher", "OSWorldTypist", "Says"):
        options = {"answers": [("r", ["DONE"])]} if name == "Says" else None
        agent = OSWorldAgent(f"tests.support.foreign_agents:{name}", options=options)
        agent.reset("Send it.", seed=1)
        agent.reset("Send it.", seed=1)


def test_a_log_is_handed_on_by_place_too():
    agent = OSWorldAgent("tests.support.foreign_agents:LogFirst")
    agent.reset("Send it.", seed=1)
    assert agent.act(observed()).thought == "riosim.osworld"


def test_a_call_gets_the_number_of_the_step_if_it_wants_one():
    agent = OSWorldAgent("tests.support.foreign_agents:OSWorldTypist")
    agent.reset("Type.", seed=1)
    assert agent.act(observed()).action == TypeText(text="hello from a stranger")
    assert agent.act(observed()).action == Finish()


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"agent": "nowhere"}, "names no agent"),
        ({"agent": None}, "names no agent"),
        ({"agent": "nowhere:Agent"}, "cannot be loaded"),
        ({"agent": "tests.support.foreign_agents:Useless"}, "has no method 'predict'"),
        ({"agent": "tests.support.foreign_agents:AGENT_SEARCHER"}, "has no method 'predict'"),
        ({"agent": "tests.support.foreign_agents:Broken"}, "missing 1 required"),
        (
            {"agent": "tests.support.foreign_agents:Broken", "options": {"model": "m"}},
            "cannot be made with the options (model): RuntimeError: no model m",
        ),
        ({"agent": "tests.support.foreign_agents:Useless", "options": "x"}, "are no settings"),
        ({"agent": "a:B", "action_space": "other"}, "action_space='other' is none of"),
        ({"agent": "a:B", "otherwise": "other"}, "otherwise='other'"),
        ({"agent": "a:B", "width_px": 100}, "Give both"),
        ({"agent": "a:B", "width_px": 0, "height_px": 1}, "is no screen"),
    ],
)
def test_a_setting_that_is_wrong_is_said(settings, why):
    with pytest.raises(UsageError) as caught:
        OSWorldAgent(**settings)
    assert why in str(caught.value)
