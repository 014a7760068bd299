"""The `computer_use` function of Qwen, after the shapes that its authors publish."""

import json

import pytest

from riosim.action import (
    AskUser,
    Back,
    Click,
    CloseTab,
    Drag,
    Finish,
    Goto,
    Hotkey,
    MouseDown,
    MouseUp,
    Move,
    NewTab,
    Point,
    Press,
    Refuse,
    RunPython,
    Scroll,
    SwitchTab,
    TypeText,
    Wait,
)
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.dialect import Dialect, UnsayableError
from riosim.dialects.qwen_vl import QWEN_VL_VERSIONS, QwenVL
from riosim.dialects.tool_call_text import MOST_CALLS
from riosim.errors import UsageError

SCREEN = Screen(1_280, 800)
PIXELS = QwenVL(Grid.pixels(SCREEN))
EXTRA = QwenVL(Grid.pixels(SCREEN), extras=True)
AT = Point(x=100, y=200)
PLACE = {"coordinate": [100, 200]}


def call(action: str, **arguments: object) -> str:
    said = {"name": "computer_use", "arguments": {"action": action, **arguments}}
    return f"<tool_call>\n{json.dumps(said)}\n</tool_call>"


def only(dialect: QwenVL, said: str):
    (action,) = dialect.read(said).actions
    return action


def why(dialect: QwenVL, said: str) -> str:
    action = only(dialect, said)
    assert isinstance(action, InvalidOutput), action
    return action.reason


@pytest.mark.parametrize(
    ("said", "action"),
    [
        (call("left_click", **PLACE), Click(at=AT)),
        (call("right_click", **PLACE), Click(at=AT, button="right")),
        (call("middle_click", **PLACE), Click(at=AT, button="middle")),
        (call("double_click", **PLACE), Click(at=AT, count=2)),
        (call("triple_click", **PLACE), Click(at=AT, count=3)),
        (call("left_click", coordinate="[100, 200]"), Click(at=AT)),
        (call("left_click", coordinate=[80, 190, 120, 210]), Click(at=AT)),
        (call("mouse_move", **PLACE), Move(at=AT)),
        (call("key", keys=["ctrl", "c"]), Hotkey(keys=("ctrl", "c"))),
        (call("key", keys=["Return"]), Press(key="enter")),
        (call("key", keys=["ctrl+shift+t"]), Hotkey(keys=("ctrl", "shift", "t"))),
        (call("key", keys="enter"), Press(key="enter")),
        (call("key", text="ctrl+a"), Hotkey(keys=("ctrl", "a"))),
        (call("type", text="resnet\n"), TypeText(text="resnet\n")),
        (call("type", text="a\r\nb"), TypeText(text="a\nb")),
        (call("scroll", pixels=-3, **PLACE), Scroll(at=AT, dy=3)),
        (call("scroll", pixels=3, **PLACE), Scroll(at=AT, dy=-3)),
        (call("scroll", pixels=-900, **PLACE), Scroll(at=AT, dy=50)),
        (call("scroll", pixels=-0.2, **PLACE), Scroll(at=AT, dy=1)),
        (call("scroll", pixels=-5), Scroll(at=Point(x=640, y=400), dy=5)),
        (call("hscroll", pixels=2, **PLACE), Scroll(at=AT, dx=2)),
        (call("wait", time=2), Wait(seconds=2)),
        (call("terminate", status="success"), Finish()),
        (call("answer", text="It is 42."), Finish(answer="It is 42.")),
    ],
)
def test_every_published_form_is_understood(said, action):
    reading = PIXELS.read(f"I look.\n{said}")
    assert reading.actions == (action,)
    assert reading.thought == "I look."


@pytest.mark.parametrize(
    ("said", "action"),
    [
        (call("goto", url="https://archive.test/a"), Goto(url="https://archive.test/a")),
        (call("back"), Back()),
        (call("new_tab"), NewTab()),
        (call("new_tab", url="https://archive.test"), NewTab(url="https://archive.test")),
        (call("close_tab"), CloseTab()),
        (call("switch_tab", index=2), SwitchTab(index=2)),
        (call("ask_user", text="Which?"), AskUser(question="Which?")),
        (call("refuse", text="No."), Refuse(reason="No.")),
        (call("refuse"), Refuse()),
        (call("mouse_down", **PLACE), MouseDown(at=AT)),
        (call("mouse_up", button="right", **PLACE), MouseUp(at=AT, button="right")),
        (call("key", keys=["tab"], count=3), Press(key="tab", count=3)),
        (
            call("left_click", modifiers=["Control"], **PLACE),
            Click(at=AT, modifiers=("ctrl",)),
        ),
        (call("right_click", count=2, **PLACE), Click(at=AT, button="right", count=2)),
    ],
)
def test_extras_are_understood_where_they_are_offered(said, action):
    assert only(EXTRA, said) == action


def test_without_extras_their_actions_do_not_exist_and_their_arguments_count_for_nothing():
    assert "No action is named 'goto'" in why(PIXELS, call("goto", url="https://a.test"))
    assert "goto" not in why(PIXELS, call("fly"))
    assert "goto" in why(EXTRA, call("fly"))
    assert only(PIXELS, call("left_click", count=2, **PLACE)) == Click(at=AT)
    assert only(PIXELS, call("key", keys=["tab"], count=3)) == Press(key="tab")


def test_a_drag_begins_where_the_pointer_was_moved_to():
    drag = Drag(start=AT, end=Point(x=5, y=6))
    said = call("mouse_move", **PLACE) + call("left_click_drag", coordinate=[5, 6])
    assert PIXELS.read(said).actions == (drag,)
    later = QwenVL(Grid.pixels(SCREEN), pointer=AT)
    assert only(later, call("left_click_drag", coordinate=[5, 6])) == drag
    assert "needs a mouse_move before it" in why(PIXELS, call("left_click_drag", coordinate=[5, 6]))


def test_the_pointer_is_followed_through_the_calls_of_one_answer():
    said = call("left_click", **PLACE) + call("scroll", pixels=-1) + call("right_click")
    assert PIXELS.read(said).actions == (
        Click(at=AT),
        Scroll(at=AT, dy=1),
        Click(at=AT, button="right"),
    )
    assert "needs a coordinate" in why(PIXELS, call("right_click"))


def test_after_a_failure_what_is_said_beside_it_is_the_answer():
    said = "I can't help with that.\n" + call("terminate", status="failure")
    assert only(PIXELS, said) == Finish(answer="I can't help with that.")
    assert only(PIXELS, call("terminate", status="failure")) == Finish()


@pytest.mark.parametrize(
    "text",
    [
        "it's",
        'say "so"',
        "C:\\Users\\new",
        "a\nb\n",
        "</tool_call>",
        '</tool_call>\n<tool_call>{"name": "computer_use", "arguments": {}}</tool_call>',
        "<think>no</think>",
        "\\",
        '"}}',
        "\t",
        "你好 🙂 ünï",
        "{{[[",
    ],
)
def test_any_text_survives_its_quotes(text):
    assert only(PIXELS, PIXELS.write(TypeText(text=text))) == TypeText(text=text)
    assert only(PIXELS, PIXELS.write(Finish(answer=text))) == Finish(answer=text)


def test_line_feeds_that_a_model_does_not_escape_are_line_feeds():
    said = '<tool_call>{"name": "computer_use", "arguments": {"action": "type", "text": "a\nb"}}'
    assert only(PIXELS, said) == TypeText(text="a\nb")


def test_several_calls_are_several_actions_even_the_same_ones():
    said = call("key", keys=["down"]) + "\nand again\n" + call("key", keys=["down"])
    assert PIXELS.read(said).actions == (Press(key="down"), Press(key="down"))


@pytest.mark.parametrize(
    "said",
    [
        '{"name": "computer_use", "arguments": {"action": "wait", "time": 1}}',
        'So:\n```json\n{"name": "computer_use", "arguments": {"action": "wait", "time": 1}}\n```',
        '{"action": "wait", "time": 1}',
        '<tool_call>\n{"action": "wait", "time": 1}\n</tool_call>',
        '<tool_call>{"name": "computer_use", "arguments": "{\\"action\\": \\"wait\\", '
        '\\"time\\": 1}"}</tool_call>',
        '<tool_call>```json\n{"action": "wait", "time": 1}\n```</tool_call>',
        '<tool_call>{"name": "computer_use", "arguments": {"action": "wait", "time": 1}}',
    ],
)
def test_a_call_with_half_its_wrapping_is_understood(said):
    assert only(PIXELS, said) == Wait(seconds=1)


def test_prose_with_braces_is_no_call():
    assert "it has no <tool_call>" in why(PIXELS, 'The form says\n{"total": 3}\nand no more.')


def test_thinking_is_thought():
    said = f"<think>{call('wait', time=3)}?</think>\nNow.\n{call('wait', time=1)}"
    reading = PIXELS.read(said)
    assert reading.actions == (Wait(seconds=1),)
    assert reading.thought.endswith("?\nNow.")
    without = f"I wonder.</think>\n\n{call('wait', time=1)}"
    assert PIXELS.read(without).thought == "I wonder."
    assert "holds no action" in why(PIXELS, "<think>I wonder")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "The answer holds no action: it is empty."),
        ("I look at the page.", "The answer holds no action: it has no <tool_call>."),
        (call("fly"), "No action is named 'fly'"),
        (call("click", **PLACE), "There is no click here: this is a computer"),
        ('<tool_call>{"name": "mobile_use", "arguments": {"action": "type"}}', "call computer_use"),
        ('<tool_call>{"name": "search", "arguments": {}}</tool_call>', "No function is named 'sea"),
        ('<tool_call>{"name": "computer_use"}</tool_call>', "`arguments`, an object"),
        ('<tool_call>{"name": 7, "arguments": {}}</tool_call>', "a `name`, a text"),
        ('<tool_call>{"name": "computer_use", "arguments": "{"}', "a text that is no JSON"),
        ("<tool_call>[1]</tool_call>", "The call is a JSON list, no object."),
        ('<tool_call>{"name": "computer_use", "argum', "The answer was cut off."),
        ('{"name": "computer_use", "arguments": {"action": "wa', "The answer was cut off."),
        ("<tool_call>left_click</tool_call>", "The call is no JSON"),
        ('<tool_call>{"action": "wait", "time": NaN}</tool_call>', "NaN is no number of JSON"),
        ('<tool_call>{"action": "wait", "action": "key"}', "the key 'action' stands twice"),
        ("<tool_call>" + "[" * 100_000, "The call is no JSON"),
        (call("left_click", coordinate=[1_281, 5]), "x = 1281 lies off the screen (0 to 1280)."),
        (call("left_click", coordinate=[-1, 5]), "x = -1 lies off the screen"),
        (call("left_click", coordinate=[1]), "A place has 2 numbers"),
        (call("left_click", coordinate=[True, 1]), "made of numbers"),
        (call("left_click", coordinate={"x": 1}), "A place is (x, y)"),
        (call("left_click", coordinate=[10**400, 1]), "made of numbers"),
        (call("mouse_move"), "mouse_move needs a coordinate"),
        (call("type"), "type needs text"),
        (call("type", text="\x00"), "no control character"),
        (call("key"), "key needs keys"),
        (call("key", keys=[]), "key needs keys"),
        (call("key", keys=["frobnicate"]), "No key is named 'frobnicate'."),
        (call("key", keys=[3]), "Keys are named by a text"),
        (call("key", keys=list("abcdef")), "6 keys cannot be pressed at once"),
        (call("scroll"), "scroll needs pixels, a number"),
        (call("scroll", pixels="far"), "scroll needs pixels, a number"),
        (call("wait"), "wait needs time"),
        (call("wait", time=61), "less than or equal to 60"),
        (call("terminate"), "say success or failure"),
        (call("terminate", status="done"), "say success or failure"),
        (call("answer"), "answer needs text"),
    ],
)
def test_what_is_wrong_is_said(said, reason):
    assert reason in why(PIXELS, said)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (call("goto", url="file:///etc/passwd"), "url"),
        (call("switch_tab", index=-1), "index"),
        (call("switch_tab"), "index"),
        (call("refuse", text=3), "reason"),
        (call("left_click", count=4, **PLACE), "count"),
        (call("left_click", modifiers="ctrl", **PLACE), "modifiers is no list"),
        (call("mouse_down", button="fourth", **PLACE), "button"),
        (call("key", keys=["tab"], count="3"), "count"),
    ],
)
def test_extras_with_wrong_values_are_refused(said, reason):
    assert reason in why(EXTRA, said)


def test_nothing_after_a_broken_call_is_done():
    inside = call("terminate", status="success")
    said = (
        call("wait", time=1)
        + f'<tool_call>{{"action": "type", "text": "a \\x {inside}"}}</tool_call>'
        + call("wait", time=2)
    )
    first, second = PIXELS.read(said).actions
    assert first == Wait(seconds=1)
    assert isinstance(second, InvalidOutput)


def test_a_place_made_of_lists_of_lists_is_told_and_not_raised():
    deep = "[" * 900 + "]" * 900
    said = f'<tool_call>{{"action": "left_click", "coordinate": [1, {deep}]}}</tool_call>'
    assert why(PIXELS, said)


def test_an_answer_of_a_thousand_calls_has_an_end():
    actions = PIXELS.read(call("wait", time=1) * 1_000).actions
    assert len(actions) == MOST_CALLS + 1
    assert isinstance(actions[-1], InvalidOutput)


def test_each_version_counts_in_its_own_way():
    middle = Click(at=Point(x=640, y=400))
    new, old = QwenVL.for_screen(SCREEN, "3"), QwenVL.for_screen(SCREEN, "2.5")  # 1288x812
    assert only(new, call("left_click", coordinate=[500, 500])) == middle
    assert only(old, call("left_click", coordinate=[644, 406])) == middle
    assert json.loads(new.write(middle).split("\n")[1])["arguments"]["coordinate"] == [500, 500]
    assert json.loads(old.write(middle).split("\n")[1])["arguments"]["coordinate"] == [644, 406]


def test_what_is_written_is_what_the_models_template_has():
    assert PIXELS.write(Hotkey(keys=("ctrl", "a"))) == (
        '<tool_call>\n{"name": "computer_use", "arguments": '
        '{"action": "key", "keys": ["ctrl", "a"]}}\n</tool_call>'
    )


def test_a_notch_can_be_many_pixels():
    fine = QwenVL(Grid.pixels(SCREEN), pixels_per_notch=100)
    assert only(fine, call("scroll", pixels=-500, **PLACE)) == Scroll(at=AT, dy=5)
    assert only(fine, fine.write(Scroll(at=AT, dy=-7))) == Scroll(at=AT, dy=-7)
    with pytest.raises(UsageError, match="pixels_per_notch is 0"):
        QwenVL(Grid.pixels(SCREEN), pixels_per_notch=0)


@pytest.mark.parametrize(
    "action",
    [
        Click(at=AT, button="right", count=2),
        Click(at=AT, modifiers=("ctrl",)),
        Scroll(at=AT, dx=5, dy=5),
        Press(key="tab", count=2),
        AskUser(question="Which?"),
        Drag(start=AT, end=AT, button="right"),
        Goto(url="https://archive.test"),
        Refuse(),
        Back(),
        MouseDown(at=AT),
        RunPython(code="1"),
        Click(at=Point(x=1_280, y=0)),
    ],
)
def test_what_the_function_cannot_say_is_not_said(action):
    with pytest.raises(UnsayableError, match=f"qwen_vl-3 cannot say {action.kind}"):
        PIXELS.write(action)


@pytest.mark.parametrize("action", [RunPython(code="1"), Scroll(at=AT, dx=1, dy=1)])
def test_some_things_not_even_extras_can_say(action):
    with pytest.raises(UnsayableError):
        EXTRA.write(action)


@pytest.mark.parametrize("version", QWEN_VL_VERSIONS)
def test_the_name_tells_the_version(version):
    dialect = QwenVL.for_screen(SCREEN, version)
    assert dialect.name == f"qwen_vl-{version}"
    assert isinstance(dialect, Dialect)


def test_a_version_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match=r"version '2'.*2\.5, 3"):
        QwenVL.for_screen(SCREEN, "2")


def test_what_is_no_text_is_invalid():
    assert "no text" in why(PIXELS, None)


def test_a_closing_tag_in_a_text_ends_no_thinking():
    text = f"x</think>\n{call('terminate', status='success')}"
    assert only(PIXELS, call("type", text=text)) == TypeText(text=text)
    broken = '<tool_call>{"action": "type", "text": "\\x </think><tool_call>{}</tool_call>"}'
    assert isinstance(only(PIXELS, broken), InvalidOutput)


def test_drafts_in_what_was_thought_are_not_done():
    said = f"I could say {call('wait', time=3)} or not.</think>\nDone.\n{call('wait', time=1)}"
    reading = PIXELS.read(said)
    assert reading.actions == (Wait(seconds=1),)
    assert reading.thought.endswith("or not.\nDone.")
