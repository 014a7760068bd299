"""Our own actions as functions beside a vendor's computer tool."""

import pytest

from riosim.action import AskUser, Click, Finish, Goto, NewTab, Point, Refuse, SwitchTab
from riosim.agent import InvalidOutput
from riosim.dialects.dialect import UnsayableError
from riosim.dialects.function_tool import FunctionTools, offered_kinds

TOOLS = FunctionTools(offered_kinds(browser=True, code=False))


def test_a_browser_has_more_functions_than_a_desktop():
    assert offered_kinds(browser=False, code=False) == ("finish", "refuse", "ask_user")
    assert offered_kinds(browser=False, code=True)[-1] == "run_python"
    assert {"goto", "back", "new_tab", "close_tab", "switch_tab"} <= set(TOOLS.kinds)


def test_a_function_is_described_by_the_schema_of_its_action():
    tools = {tool.name: tool for tool in TOOLS.tools()}
    assert tools["goto"].description.startswith("Load an address")
    schema = tools["goto"].parameters
    assert schema["required"] == ["url"]
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {"url"}
    assert "required" not in tools["finish"].parameters


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ({"name": "finish", "arguments": {"answer": "42"}}, Finish(answer="42")),
        ({"name": "finish", "arguments": ""}, Finish()),
        ({"name": "finish", "arguments": {"answer": None}}, Finish()),
        ({"name": "refuse", "arguments": '{"reason": "no"}'}, Refuse(reason="no")),
        ({"name": "ask_user", "arguments": {"question": "Which?"}}, AskUser(question="Which?")),
        ({"name": "goto", "arguments": {"url": "https://a.test/"}}, Goto(url="https://a.test/")),
        ({"name": "new_tab", "arguments": {"url": None}}, NewTab()),
        ({"name": "switch_tab", "arguments": {"index": 2}}, SwitchTab(index=2)),
        ({"name": "finish", "arguments": {"kind": "goto"}}, Finish()),
    ],
)
def test_a_call_is_an_action(said, action):
    assert TOOLS.read(said).actions == (action,)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"name": "rm", "arguments": {}}, "no function 'rm'. Known: finish"),
        ({"name": "run_python", "arguments": {"code": "1"}}, "no function 'run_python'"),
        ({"name": ["finish"], "arguments": {}}, "no function"),
        ({"name": "goto", "arguments": '{"url": "https://a'}, "goto: the arguments are no JSON"),
        ({"name": "goto", "arguments": "[" * 100_000}, "goto: the arguments are no JSON"),
        ({"name": "goto", "arguments": [1]}, "goto: the arguments are no object"),
        ({"name": "goto", "arguments": {}}, "url"),
        ({"name": "goto", "arguments": {"url": "file:///etc/passwd"}}, "url"),
        ({"name": "goto", "arguments": {"url": "https://a.test/", "now": 1}}, "now"),
        (None, "an object"),
    ],
)
def test_what_is_no_call_is_told_why(said, why):
    (found,) = TOOLS.read(said).actions
    assert isinstance(found, InvalidOutput)
    assert why in found.reason


def test_an_action_without_a_function_cannot_be_said():
    with pytest.raises(UnsayableError, match="no such function"):
        TOOLS.write(Click(at=Point(x=1, y=1)))


def test_a_kind_that_does_not_exist_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match=r"fly: no kind of action\. Known: click"):
        FunctionTools(("finish", "fly"))
