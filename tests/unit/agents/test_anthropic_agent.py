"""The agent on Anthropic's API, against a server that speaks its protocol."""

import base64
import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from riosim.action import (
    Action,
    AskUser,
    Click,
    Finish,
    Goto,
    MouseDown,
    Move,
    Point,
    Press,
    Refuse,
    RunPython,
    TypeText,
    Wait,
)
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Screen
from riosim.errors import UsageError
from riosim.observation import Observation
from riosim.testing.contracts import AgentContract
from riosim_agents.anthropic_computer import AnthropicAgent
from tests.support.model_server.anthropic_replies import (
    calls,
    message,
    pictures_in,
    results_in,
    say,
    text,
    texts_in,
    thinking,
    tool_use,
)
from tests.support.model_server.server import ModelServer
from tests.support.small_tasks import small_instance

SCREEN = Screen(1280, 800)
AT = Point(x=500, y=300)
CLICK = tool_use("left_click", {"coordinate": [500, 300]})
LOOK = tool_use("screenshot", {})


def screen(step=0, *, message="", width_px=1280, height_px=800, url=""):
    picture = np.full((height_px, width_px, 3), step % 256, np.uint8)
    return Observation(picture, "Do it.", step, message=message, url=url)


def agent(server, **settings):
    made = AnthropicAgent(model="claude-test-1", base_url=server.url, max_retries=0, **settings)
    made.reset("Do it.", seed=1)
    return made


def shade(source):
    """Return the grey of a picture of one colour, and its size."""
    image = Image.open(BytesIO(base64.b64decode(source["data"])))
    return np.asarray(image)[0, 0, 0], image.size


ACTIONS: list[Action] = [
    Click(at=AT),
    Click(at=AT, button="right", modifiers=("ctrl",)),
    TypeText(text="naïve 你好"),
    Press(key="down", count=3),
    Wait(seconds=1),
    Goto(url="https://archive.test/"),
    AskUser(question="Which one?"),
    RunPython(code="print(1)"),
    Refuse(reason="No."),
    Finish(answer="42"),
]


@pytest.mark.parametrize("version", ["20241022", "20250124", "20251124", "20260801"])
def test_what_the_model_says_is_done(version):
    actions = [
        action
        for action in ACTIONS
        if version != "20241022" or action.kind not in ("click", "wait")
    ]
    with ModelServer(
        [say(a, screen=SCREEN, number=n, version=version) for n, a in enumerate(actions)]
    ) as server:
        made = agent(server, tool_version=version, code=True)
        for action in actions:
            made.reset("Do it.", seed=1)
            url = "" if action.kind == "run_python" else "https://home.test/"
            assert made.act(screen(url=url)).action == action


def test_where_the_tool_acts_at_the_pointer_it_is_moved_first():
    with ModelServer([say(MouseDown(at=AT), screen=SCREEN, number=1)]) as server:
        made = agent(server)
        assert [made.act(screen(n)).action for n in range(2)] == [Move(at=AT), MouseDown(at=AT)]
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("version", "tool", "beta"),
    [
        ("20241022", {"type": "computer_20241022"}, "computer-use-2024-10-22"),
        ("20250124", {"type": "computer_20250124"}, "computer-use-2025-01-24"),
        ("20251124", {"type": "computer_20251124", "enable_zoom": True}, "computer-use-2025-11-24"),
    ],
)
def test_an_older_tool_is_told_the_size_of_the_pictures(version, tool, beta):
    with ModelServer([message([text("Done.")])]) as server:
        agent(server, tool_version=version, width_px=640).act(screen())
    (request,) = server.requests
    assert request.body["tools"][0] == {
        **tool,
        "name": "computer",
        "display_width_px": 640,
        "display_height_px": 400,
    }
    assert request.headers["anthropic-beta"] == beta
    assert [shade(picture)[1] for picture in pictures_in(request)] == [(640, 400)]


def test_the_toolset_needs_no_beta_and_lacks_what_cannot_be_done():
    with ModelServer([message([text("Done.")])]) as server:
        agent(server, tool_version=20260801).act(screen())
    (request,) = server.requests
    assert request.body["tools"][0] == {
        "type": "computer_toolset_20260801",
        "configs": {"hold_key": {"enabled": False}},
    }
    assert "anthropic-beta" not in request.headers


def test_our_own_actions_are_tools_beside_it():
    with ModelServer([message([text("Done.")])]) as server:
        made = agent(server, code=True)
        made.act(screen(url="https://home.test/"))
        made.reset("Do it.", seed=1)
        made.act(screen())
    browser, desktop = ([t.get("name") for t in r.body["tools"][1:]] for r in server.requests)
    assert browser == [
        *("finish", "refuse", "ask_user", "goto", "back", "new_tab", "close_tab", "switch_tab")
    ]
    assert desktop == ["finish", "refuse", "ask_user", "run_python"]


def test_the_tools_stay_the_same_for_an_episode():
    with ModelServer([calls([CLICK])]) as server:
        made = agent(server)
        made.act(screen(1, url="https://home.test/"))
        made.act(screen(2, url=""))
    first, second = (request.body for request in server.requests)
    assert (first["tools"], first["system"]) == (second["tools"], second["system"])


def test_points_are_meant_for_the_screen_not_for_the_smaller_picture():
    with ModelServer([calls([CLICK])]) as server:
        made = agent(server)
        assert made.act(screen(width_px=2560, height_px=1600)).action == Click(
            at=Point(x=1000, y=600)
        )
    (request,) = server.requests
    assert [shade(picture)[1] for picture in pictures_in(request)] == [(1280, 800)]
    assert "1280x800" in request.body["system"]


def test_a_small_screen_is_not_enlarged():
    with ModelServer([calls([CLICK])]) as server:
        agent(server).act(screen(width_px=640, height_px=480))
    assert [shade(picture)[1] for picture in pictures_in(server.requests[0])] == [(640, 480)]


def test_each_call_has_its_result_and_the_last_one_the_screen():
    typed = tool_use("type", {"text": "hi"}, "toolu_2")
    with ModelServer([calls([CLICK, typed]), message([text("Done.")])]) as server:
        made = agent(server)
        assert made.act(screen(1)).action == Click(at=AT)
        assert made.act(screen(2)).action == TypeText(text="hi")
        assert made.act(screen(3)).action == Finish(answer="Done.")
    first, last = results_in(server.requests[1])
    assert first == {
        "type": "tool_result",
        "tool_use_id": "toolu_1",
        "toolset_name": "computer",
        "content": [{"type": "text", "text": "Done."}],
    }
    assert last["tool_use_id"] == "toolu_2"
    assert [block["type"] for block in last["content"]] == ["text", "image"]
    assert shade(last["content"][1]["source"])[0] == 3


def test_a_look_costs_no_step():
    with ModelServer([calls([LOOK]), calls([CLICK])]) as server:
        decision = agent(server).act(screen(7))
    assert decision.action == Click(at=AT)
    assert decision.usage.input_tokens == 2 * 1150
    assert decision.extra["anthropic"]["earlier_answers"][0]["stopped"] == "tool_use"
    (result,) = results_in(server.requests[1])
    assert [block["type"] for block in result["content"]] == ["image"]


def test_after_some_looks_one_costs_a_step():
    with ModelServer([calls([LOOK])]) as server:
        made = agent(server, looks=2)
        assert made.act(screen(1)).action == Wait(seconds=1)
        assert len(server.requests) == 3
        made.act(screen(2))
    assert shade(results_in(server.requests[3])[0]["content"][0]["source"])[0] == 2


def test_a_look_after_an_action_shows_what_it_led_to():
    look = {**LOOK, "id": "toolu_2"}
    with ModelServer([calls([CLICK, look]), message([text("Done.")])]) as server:
        made = agent(server)
        made.act(screen(1))
        made.act(screen(2))
    done, seen = results_in(server.requests[1])
    assert [block["type"] for block in done["content"]] == ["text"]
    assert [block["type"] for block in seen["content"]] == ["image"]
    assert shade(seen["content"][0]["source"])[0] == 2


def test_a_zoom_shows_a_part_of_the_screen_as_large_as_the_picture():
    picture = np.zeros((800, 1280, 3), np.uint8)
    picture[400:, 640:] = 200
    seen = Observation(picture, "Do it.", 0)
    zoom = tool_use("zoom", {"region": [640, 400, 1280, 800]})
    with ModelServer([calls([zoom]), message([text("Done.")])]) as server:
        agent(server).act(seen)
    (result,) = results_in(server.requests[1])
    assert [shade(block["source"]) for block in result["content"]] == [(200, (1280, 800))]


def test_no_history_still_shows_the_screen_that_is_zoomed_into():
    zoom = tool_use("zoom", {"region": [640, 400, 1280, 800]})
    with ModelServer([calls([CLICK]), calls([zoom]), calls([CLICK])]) as server:
        made = agent(server, history=0)
        made.act(screen(1))
        made.act(screen(2))
    assert [shade(picture)[0] for picture in pictures_in(server.requests[2])] == [2, 2]


def test_a_member_of_the_toolset_is_known_without_its_family():
    click = tool_use("left_click", {"coordinate": [500, 300]}, family=None)
    with ModelServer([calls([click])]) as server:
        made = agent(server)
        assert made.act(screen(1)).action == Click(at=AT)
        made.act(screen(2))
    assert "toolset_name" not in results_in(server.requests[1])[0]


def test_the_pointer_is_where_the_last_action_left_it():
    where = tool_use("cursor_position", {}, "toolu_9")
    with ModelServer([calls([where]), calls([CLICK]), calls([where]), message([])]) as server:
        made = agent(server)
        made.act(screen(1))
        made.act(screen(2))
    assert "not been moved" in results_in(server.requests[1])[0]["content"][0]["text"]
    assert results_in(server.requests[3])[0]["content"][0]["text"] == "X=500,Y=300"


def test_what_could_not_be_done_moved_no_pointer_and_stops_the_rest():
    rest = tool_use("type", {"text": "hi"}, "toolu_2")
    press = tool_use("left_mouse_down", {})
    with ModelServer([calls([CLICK, rest]), calls([press])]) as server:
        made = agent(server)
        made.act(screen(1))
        decision = made.act(screen(2, message="The window is gone."))
    failed, skipped = results_in(server.requests[1])
    assert failed["is_error"]
    assert failed["content"] == [{"type": "text", "text": "The window is gone."}]
    assert skipped["is_error"]
    assert skipped["content"][0]["text"].startswith("Not executed: an earlier computer action")
    newest = server.requests[1].body["messages"][-1]["content"]
    assert [block["type"] for block in newest] == ["tool_result", "tool_result", "image"]
    assert isinstance(decision.action, InvalidOutput)
    assert "Where the pointer is" in decision.action.reason


def test_the_persons_reply_is_the_result_of_the_question():
    ask = tool_use("ask_user", {"question": "Which?"}, family=None)
    rest = tool_use("left_click", {"coordinate": [1, 1]}, "toolu_2")
    with ModelServer([calls([ask, rest]), message([text("Done.")])]) as server:
        made = agent(server)
        assert made.act(screen(1)).action == AskUser(question="Which?")
        made.act(screen(2, message="I am away, please decide."))
    answered, skipped = results_in(server.requests[1])
    assert answered["content"][0]["text"] == "The person says: I am away, please decide."
    assert "is_error" not in answered
    assert "toolset_name" not in answered
    assert skipped["content"][0]["text"] == "Not executed: the person was asked first."


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("It is 42.", Finish(answer="It is 42.")),
        ("I won't do this.", Refuse(reason="I won't do this.")),
        (
            "The form is filled.\nShall I send it?",
            AskUser(question="The form is filled.\nShall I send it?"),
        ),
        (
            "It is sent. Is there anything else?",
            Finish(answer="It is sent. Is there anything else?"),
        ),
        (
            "I can't help with this. Anything else?",
            Refuse(reason="I can't help with this. Anything else?"),
        ),
    ],
)
def test_an_answer_without_a_call_ends_the_task_or_asks(words, action):
    with ModelServer([message([text(words)])]) as server:
        assert agent(server).act(screen()).action == action


def test_a_question_in_words_is_answered_in_the_next_message():
    with ModelServer([message([text("Shall I?")]), calls([CLICK])]) as server:
        made = agent(server)
        made.act(screen(1))
        made.act(screen(2, message="I am away."))
    assert server.requests[1].body["messages"][-1]["content"][0] == text(
        "The person says: I am away."
    )


def test_thinking_is_kept_as_it_came_and_told_as_thought():
    hidden = {"type": "redacted_thinking", "data": "EmwKAhgBEgy3"}
    first = calls([thinking("I see a form.", "EqQBCkYI"), hidden, text("Filling."), CLICK])
    with ModelServer([first, message([text("Done.")])]) as server:
        made = agent(server, thinking="adaptive", effort="low")
        assert made.act(screen(1)).thought == "I see a form.\nFilling."
        made.act(screen(2))
    assert server.requests[1].body["messages"][1]["content"] == first.body["content"]
    assert server.requests[0].body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert server.requests[0].body["output_config"] == {"effort": "low"}


@pytest.mark.parametrize(("mode", "n_signed"), [("adaptive", 0), (2000, 1)])
def test_older_pictures_become_a_text_and_the_thinking_bound_to_them_goes(mode, n_signed):
    with ModelServer([calls([thinking("Hm."), CLICK])]) as server:
        made = agent(server, history=2, thinking=mode)
        for step in range(1, 5):
            made.act(screen(step))
    sizes = [len(pictures_in(request)) for request in server.requests]
    assert sizes == [1, 2, 3, 1]
    last = server.requests[-1]
    assert [shade(picture)[0] for picture in pictures_in(last)] == [4]
    assert texts_in(last).count("[An earlier picture is left out.]") == 3
    said = [m["content"] for m in last.body["messages"] if m["role"] == "assistant"]
    assert sum(block["type"] == "thinking" for blocks in said for block in blocks) == n_signed
    uses = [block["id"] for blocks in said for block in blocks if block["type"] == "tool_use"]
    results = [
        block["tool_use_id"]
        for m in last.body["messages"]
        for block in m["content"]
        if block["type"] == "tool_result"
    ]
    assert results == uses


def test_history_0_sends_the_screen_alone():
    with ModelServer([calls([CLICK])]) as server:
        made = agent(server, history=0)
        for step in range(1, 4):
            made.act(screen(step))
    assert [len(pictures_in(request)) for request in server.requests] == [1, 1, 1]


def test_a_paused_turn_is_sent_back_as_it_is():
    with ModelServer(
        [message([text("Wait.")], stop_reason="pause_turn"), calls([CLICK])]
    ) as server:
        assert agent(server).act(screen()).action == Click(at=AT)
    assert [m["role"] for m in server.requests[1].body["messages"]] == ["user", "assistant"]


def test_a_model_that_pauses_for_ever_is_an_invalid_step_and_told_so():
    paused = message([text("Wait.")], stop_reason="pause_turn")
    with ModelServer([paused, paused, paused, calls([CLICK])]) as server:
        made = agent(server, looks=2)
        decision = made.act(screen(1))
        assert isinstance(decision.action, InvalidOutput)
        made.act(screen(2, message=decision.action.reason))
    newest = server.requests[3].body["messages"][-1]
    assert newest["role"] == "user"
    assert newest["content"][0] == text("The model paused again and again.")


def test_an_answer_of_thinking_alone_is_not_sent_back():
    with ModelServer([message([thinking("Hm.")]), calls([CLICK])]) as server:
        made = agent(server)
        made.act(screen(1))
        made.act(screen(2, message="The answer is empty."))
    assert [m["role"] for m in server.requests[1].body["messages"]] == ["user", "user"]


def test_the_browsers_address_is_told_because_the_picture_lacks_it():
    with ModelServer([calls([CLICK])]) as server:
        agent(server).act(screen(url="https://archive.test/a"))
    assert any(
        'Address: "https://archive.test/a"' in words for words in texts_in(server.requests[0])
    )


def test_the_cost_counts_what_was_read_from_and_written_to_the_cache():
    with ModelServer([calls([CLICK])]) as server:
        usage = (
            agent(
                server,
                usd_per_million_input_tokens=10,
                usd_per_million_output_tokens=50,
                usd_per_million_cached_tokens=1,
                usd_per_million_cache_write_tokens=12.5,
            )
            .act(screen())
            .usage
        )
    assert (usage.input_tokens, usage.output_tokens) == (1150, 40)
    assert usage.cost_usd == pytest.approx((100 * 10 + 1000 * 1 + 50 * 12.5 + 40 * 50) / 1e6)


def test_sampling_and_caching_are_sent_as_set():
    with ModelServer([calls([CLICK])]) as server:
        agent(server, temperature=0.5, max_tokens=100, cache=False).act(screen())
        agent(server).act(screen())
    first, second = (request.body for request in server.requests)
    assert (first["temperature"], first["max_tokens"]) == (0.5, 100)
    assert "cache_control" not in first
    assert "temperature" not in second
    assert second["cache_control"] == {"type": "ephemeral"}


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"model": ""}, "model is empty"),
        ({"tool_version": "20990101"}, "tool_version is '20990101'; give one of: 20241022"),
        ({"thinking": 100}, "a budget is at least 1024"),
        ({"thinking": 20_000}, "less than max_tokens, 16000"),
        ({"thinking": "hard"}, "thinking is 'hard'"),
        ({"effort": "some"}, "effort is 'some'"),
        ({"temperature": 2}, "temperature is '2'"),
        ({"history": -1}, "history is '-1'"),
        ({"looks": 1.5}, "looks is '1.5'"),
        ({"width_px": 10}, "width_px is '10'"),
        ({"max_tokens": 0}, "max_tokens is '0'"),
        ({"content_filter": "ignore"}, "content_filter is 'ignore'"),
        ({"prompt": "fancy"}, "No prompt is named 'fancy'"),
        ({"base_url": "ftp://x"}, "base_url"),
        ({"cache": 0}, "cache is '0'; give true or false"),
        ({"code": "yes"}, "code is 'yes'"),
        ({"base_url": None}, "ANTHROPIC_API_KEY is not set"),
    ],
)
def test_a_wrong_setting_is_told_when_the_agent_is_made(monkeypatch, settings, why):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    given = {"model": "m", "base_url": "http://127.0.0.1:9", **settings}
    with pytest.raises(UsageError, match=why):
        AnthropicAgent(**given)


class TestContract(AgentContract):
    is_seeded = False

    @pytest.fixture(autouse=True)
    def server(self):
        answers = [calls([CLICK]), calls([LOOK]), message([text("Well.")]), message(None)]
        with ModelServer(answers) as served:
            self._url = served.url
            yield

    def make(self):
        return AnthropicAgent(model="m", base_url=self._url, max_retries=0)

    def instance(self):
        with tempfile.TemporaryDirectory() as folder:
            return small_instance(Path(folder))
