"""The agent on OpenAI's Responses API, against a server that speaks its protocol."""

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
    Back,
    Click,
    Drag,
    Finish,
    Goto,
    MouseDown,
    MouseUp,
    Move,
    Point,
    Press,
    Refuse,
    RunPython,
    Scroll,
    TypeText,
    Wait,
)
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Screen
from riosim.errors import UsageError
from riosim.observation import Observation
from riosim.testing.contracts import AgentContract
from riosim_agents.openai_computer import OpenAIComputerAgent
from tests.support.model_server.responses_replies import (
    check,
    computer_call,
    function_call,
    items_in,
    message,
    pictures_in,
    reasoning,
    refusal,
    response,
    say,
    texts_in,
)
from tests.support.model_server.server import ModelServer
from tests.support.small_tasks import small_instance

SCREEN = Screen(1280, 800)
AT = Point(x=405, y=157)
CLICK = {"type": "click", "button": "left", "x": 405, "y": 157}
TYPE = {"type": "type", "text": "penguin"}
DONE = response([message("Done.")])
CHECK = check("The page tries to change your instructions.")


def screen(step=0, *, said="", width_px=1280, height_px=800, url=""):
    picture = np.full((height_px, width_px, 3), step % 256, np.uint8)
    return Observation(picture, "Do it.", step, message=said, url=url)


def agent(server, **settings):
    made = OpenAIComputerAgent(
        model="gpt-test-1", base_url=f"{server.url}/v1", max_retries=0, **settings
    )
    made.reset("Do it.", seed=1)
    return made


def shade(url):
    """Return the grey of a picture of one colour, and its size."""
    image = Image.open(BytesIO(base64.b64decode(url.partition(",")[2])))
    return np.asarray(image)[0, 0, 0], image.size


ACTIONS: list[Action] = [
    Click(at=AT),
    Click(at=AT, button="middle", modifiers=("ctrl",)),
    Click(at=AT, count=2),
    Drag(start=AT, end=Point(x=1, y=2)),
    Scroll(at=AT, dy=-3),
    TypeText(text="naïve 你好"),
    Press(key="enter"),
    Wait(seconds=2),
    Back(),
    Goto(url="https://archive.test/"),
    AskUser(question="Which one?"),
    RunPython(code="print(1)"),
    Refuse(reason="No."),
    Finish(answer="42"),
]


@pytest.mark.parametrize("tool", ["computer", "computer_use_preview"])
def test_what_the_model_says_is_done(tool):
    preview = tool == "computer_use_preview"
    script = [say(a, screen=SCREEN, number=n, preview=preview) for n, a in enumerate(ACTIONS)]
    with ModelServer(script) as server:
        made = agent(server, tool=tool, code=True)
        for action in ACTIONS:
            made.reset("Do it.", seed=1)
            url = "" if action.kind == "run_python" else "https://home.test/"
            assert made.act(screen(url=url)).action == action


def test_the_actions_of_a_call_are_steps_and_the_last_screen_is_its_output():
    first = response([reasoning("I see a box."), computer_call([CLICK, TYPE])])
    with ModelServer([first, DONE]) as server:
        made = agent(server)
        decision = made.act(screen(1))
        assert (decision.action, decision.thought) == (Click(at=AT), "I see a box.")
        assert made.act(screen(2)).action == TypeText(text="penguin")
        assert made.act(screen(3)).action == Finish(answer="Done.")
    second = server.requests[1].body["input"]
    assert second[2:4] == first.body["output"]
    (output,) = items_in(server.requests[1], "computer_call_output")
    assert output["call_id"] == "call_1"
    assert output["output"]["type"] == "computer_screenshot"
    assert output["output"]["detail"] == "original"
    assert "acknowledged_safety_checks" not in output
    assert shade(output["output"]["image_url"]) == (3, (1280, 800))


def test_nothing_is_left_on_the_server_unless_it_is_asked_to_keep_it():
    with ModelServer([response([computer_call([CLICK])])]) as server:
        made = agent(server)
        made.act(screen(1))
        made.act(screen(2))
    for request in server.requests:
        assert request.path == "/v1/responses"
        assert request.body["store"] is False
        assert request.body["include"] == ["reasoning.encrypted_content"]
        assert "previous_response_id" not in request.body
        assert "truncation" not in request.body


def test_a_server_that_keeps_the_conversation_is_sent_what_is_new():
    script = [
        response([computer_call([CLICK])], number=1),
        response([{"type": "computer_call"}], number=2),  # no call_id: it cannot be answered
        response([computer_call([TYPE], "call_3")], number=3),
        DONE,
    ]
    with ModelServer(script) as server:
        made = agent(server, server_state=True)
        assert made.act(screen(1)).action == Click(at=AT)
        assert isinstance(made.act(screen(2)).action, InvalidOutput)
        made.act(screen(3, said="A call has no call_id."))
        made.act(screen(4))
    bodies = [request.body for request in server.requests]
    assert [body.get("previous_response_id", "")[-1:] for body in bodies] == ["", "1", "1", "3"]
    assert all(body["store"] is True for body in bodies)
    kinds = [[item["type"] for item in body["input"]] for body in bodies[1:]]
    assert kinds == [
        ["computer_call_output"],
        ["computer_call_output", "message"],
        ["computer_call_output"],
    ]


@pytest.mark.parametrize(
    ("tool", "url", "first"),
    [
        ("computer", "", {"type": "computer"}),
        (
            "computer_use_preview",
            "",
            {
                "type": "computer_use_preview",
                "display_width": 640,
                "display_height": 400,
                "environment": "linux",
            },
        ),
        (
            "computer_use_preview",
            "https://home.test/",
            {
                "type": "computer_use_preview",
                "display_width": 640,
                "display_height": 400,
                "environment": "browser",
            },
        ),
    ],
)
def test_the_tool_is_described_as_it_wants_to_be(tool, url, first):
    with ModelServer([DONE]) as server:
        agent(server, tool=tool, width_px=640).act(screen(url=url))
    (request,) = server.requests
    assert request.body["tools"][0] == first
    assert request.body.get("truncation") == ("auto" if tool != "computer" else None)
    assert [shade(picture)[1] for picture in pictures_in(request)] == [(640, 400)]


def test_points_are_meant_for_the_screen_not_for_the_smaller_picture():
    with ModelServer([response([computer_call([CLICK])])]) as server:
        decision = agent(server, width_px=1280).act(screen(width_px=2560, height_px=1600))
    assert decision.action == Click(at=Point(x=810, y=314))


def test_a_drag_over_several_points_is_done_point_by_point():
    path = [{"x": n, "y": n} for n in (1, 5, 9)]
    with ModelServer([response([computer_call([{"type": "drag", "path": path}])])]) as server:
        made = agent(server)
        done = [made.act(screen(n)).action for n in range(3)]
    assert done == [
        MouseDown(at=Point(x=1, y=1)),
        Move(at=Point(x=5, y=5)),
        MouseUp(at=Point(x=9, y=9)),
    ]


def test_a_look_costs_no_step():
    look = response([computer_call([{"type": "screenshot"}])])
    with ModelServer([look, response([computer_call([CLICK], "call_2")])]) as server:
        decision = agent(server).act(screen(7))
    assert decision.action == Click(at=AT)
    assert decision.usage.input_tokens == 2400
    assert shade(pictures_in(server.requests[1])[-1])[0] == 7


def test_after_some_looks_one_costs_a_step():
    ids = iter(range(100))

    def look(request):
        del request
        return response([computer_call([{"type": "screenshot"}], f"call_{next(ids)}")])

    with ModelServer(look) as server:
        made = agent(server, looks=2)
        assert made.act(screen(1)).action == Wait(seconds=1)
        assert len(server.requests) == 3
        made.act(screen(2))
    assert shade(pictures_in(server.requests[3])[-1])[0] == 2


def test_what_could_not_be_done_is_told_with_the_screen():
    with ModelServer([response([computer_call([CLICK, TYPE])]), DONE]) as server:
        made = agent(server)
        made.act(screen(1))
        made.act(screen(2, said="The window is gone."))
    assert "The last action was not carried out: The window is gone." in texts_in(
        server.requests[1]
    )
    assert shade(pictures_in(server.requests[1])[-1])[0] == 2


def test_a_function_has_its_output_and_the_screen_follows():
    calls = [function_call("goto", {"url": "https://a.test/"}), function_call("back", {}, "call_2")]
    with ModelServer([response(calls), DONE]) as server:
        made = agent(server)
        assert made.act(screen(1, url="https://home.test/")).action == Goto(url="https://a.test/")
        assert made.act(screen(2, url="https://a.test/")).action == Back()
        made.act(screen(3, url="https://home.test/"))
    outputs = items_in(server.requests[1], "function_call_output")
    assert [(output["call_id"], output["output"]) for output in outputs] == [
        ("call_1", "Done."),
        ("call_2", "Done."),
    ]
    assert shade(pictures_in(server.requests[1])[-1])[0] == 3


def test_after_a_call_of_the_computer_a_function_is_followed_by_the_screen_too():
    calls = [computer_call([CLICK]), function_call("back", {}, "call_2")]
    with ModelServer([response(calls), DONE]) as server:
        made = agent(server)
        made.act(screen(1, url="https://a.test/"))
        made.act(screen(2, url="https://b.test/"))
        made.act(screen(3, url="https://a.test/"))
    shown = [shade(picture)[0] for picture in pictures_in(server.requests[1])]
    assert sorted(shown) == [1, 2, 3]


def test_the_persons_reply_is_the_output_of_the_question():
    calls = [function_call("ask_user", {"question": "Which?"}), computer_call([CLICK], "call_2")]
    with ModelServer([response(calls), DONE]) as server:
        made = agent(server)
        assert made.act(screen(1)).action == AskUser(question="Which?")
        made.act(screen(2, said="I am away."))
    told = texts_in(server.requests[1])
    assert "The person says: I am away." in told
    assert "Not executed: the person was asked first." in told
    assert len(items_in(server.requests[1], "computer_call_output")) == 1


@pytest.mark.parametrize(
    ("item", "action"),
    [
        (message("It is 42."), Finish(answer="It is 42.")),
        (message("I will not do this."), Refuse(reason="I will not do this.")),
        (message("Shall I send it?"), AskUser(question="Shall I send it?")),
        (refusal("I can't assist with that."), Refuse(reason="I can't assist with that.")),
    ],
)
def test_an_answer_without_a_call_ends_the_task_or_asks(item, action):
    with ModelServer([response([reasoning("Hm."), item])]) as server:
        decision = agent(server).act(screen())
    assert (decision.action, decision.thought) == (action, "Hm.")


def test_reasoning_that_led_to_nothing_is_not_sent_back():
    with ModelServer([response([reasoning("Hm.")]), DONE]) as server:
        made = agent(server)
        made.act(screen(1))
        made.act(screen(2, said="The answer is empty."))
    assert not items_in(server.requests[1], "reasoning")


def test_a_question_in_words_is_answered_in_the_next_message():
    with ModelServer([response([message("Shall I?")]), DONE]) as server:
        made = agent(server)
        made.act(screen(1))
        made.act(screen(2, said="I am away."))
    assert "The person says: I am away." in texts_in(server.requests[1])


def checked(id="call_1"):
    return response([reasoning("Hm.", f"rs_{id}"), computer_call([CLICK], id, checks=[CHECK])])


def test_a_safety_check_is_put_to_the_person_and_without_consent_nothing_is_done():
    with ModelServer([checked(), DONE]) as server:
        made = agent(server)
        asked = made.act(screen(1))
        made.act(screen(2, said="I am away, please decide."))
    assert isinstance(asked.action, AskUser)
    assert CHECK["message"] in asked.action.question
    assert '"type": "click"' in asked.action.question
    assert asked.extra["openai"]["safety_checks"] == [CHECK]
    assert not items_in(server.requests[1], "computer_call")
    told = texts_in(server.requests[1])
    assert any("not carried out" in words and "I am away" in words for words in told)


@pytest.mark.parametrize("reply", ["No.", "Sure, but not now.", "Don't!", "", "Yesterday I did."])
def test_a_doubtful_reply_is_no_consent(reply):
    with ModelServer([checked(), DONE]) as server:
        made = agent(server)
        made.act(screen(1))
        assert made.act(screen(2, said=reply)).action == Finish(answer="Done.")


@pytest.mark.parametrize("reply", ["OK, do it.", "Sure.", "Yes, go ahead."])
def test_consent_carries_the_held_step_out(reply):
    with ModelServer([checked(), DONE]) as server:
        made = agent(server)
        made.act(screen(1))
        decision = made.act(screen(2, said=reply))
        assert len(server.requests) == 1
        made.act(screen(3))
    assert decision.action == Click(at=AT)
    assert decision.extra["openai"]["consent"] == "given"
    (output,) = items_in(server.requests[1], "computer_call_output")
    assert output["acknowledged_safety_checks"] == [CHECK]


def test_a_safety_check_may_end_the_episode():
    with ModelServer([checked()]) as server:
        decision = agent(server, safety_checks="refuse").act(screen(1))
    assert isinstance(decision.action, Refuse)
    assert CHECK["message"] in decision.action.reason


def test_a_safety_check_may_be_acknowledged_without_asking():
    with ModelServer([checked(), DONE]) as server:
        made = agent(server, safety_checks="acknowledge")
        decision = made.act(screen(1))
        made.act(screen(2))
    assert decision.action == Click(at=AT)
    assert decision.extra["openai"]["safety_checks"] == [CHECK]
    (output,) = items_in(server.requests[1], "computer_call_output")
    assert output["acknowledged_safety_checks"] == [CHECK]


def test_older_steps_are_left_out_whole_and_told_in_words():
    ids = iter(range(1, 100))

    def act(request):
        del request
        number = next(ids)
        return response(
            [reasoning("Hm.", f"rs_{number}"), computer_call([CLICK], f"call_{number}")],
            number=number,
        )

    with ModelServer(act) as server:
        made = agent(server, history=2)
        for step in range(1, 7):
            made.act(screen(step))
    assert [len(pictures_in(request)) for request in server.requests] == [1, 2, 3, 1, 2, 3]
    fourth = server.requests[3]
    assert shade(pictures_in(fourth)[0])[0] == 4
    kinds = [item["type"] for item in fourth.body["input"]]
    assert kinds == ["message", "reasoning", "computer_call", "computer_call_output"]
    opening = fourth.body["input"][0]["content"][0]["text"]
    assert opening.startswith("Do it.\n\nYour earlier steps")
    assert opening.count('"type": "click"') == 2


def test_the_browsers_address_is_told_when_it_changes():
    ids = iter(range(1, 100))

    def act(request):
        del request
        return response([computer_call([CLICK], f"call_{next(ids)}")])

    with ModelServer(act) as server:
        made = agent(server)
        for step, url in enumerate(("https://a.test/", "https://a.test/", "https://b.test/")):
            made.act(screen(step, url=url))
    told = [words for words in texts_in(server.requests[-1]) if "Address" in words]
    assert len(told) == 2
    assert "b.test" in told[1]


def test_tokens_and_cost_are_counted():
    with ModelServer([DONE]) as server:
        usage = (
            agent(
                server,
                usd_per_million_input_tokens=10,
                usd_per_million_output_tokens=50,
                usd_per_million_cached_tokens=1,
            )
            .act(screen())
            .usage
        )
    assert (usage.input_tokens, usage.output_tokens) == (1200, 40)
    assert usage.cost_usd == pytest.approx((176 * 10 + 1024 * 1 + 40 * 50) / 1e6)


def test_sampling_and_reasoning_are_sent_as_set():
    with ModelServer([DONE]) as server:
        agent(server, temperature=0.5, max_tokens=100, effort="low", summary="auto", detail="").act(
            screen()
        )
        agent(server, max_tokens=None).act(screen())
    first, second = (request.body for request in server.requests)
    assert (first["temperature"], first["max_output_tokens"]) == (0.5, 100)
    assert first["reasoning"] == {"effort": "low", "summary": "auto"}
    assert not {"temperature", "max_output_tokens", "reasoning"} & set(second)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"model": ""}, "model is empty"),
        ({"tool": "mouse"}, "tool is 'mouse'; give one of: computer"),
        ({"safety_checks": "skip"}, "safety_checks is 'skip'"),
        ({"effort": "some"}, "effort is 'some'"),
        ({"summary": "long"}, "summary is 'long'"),
        ({"temperature": 3}, "temperature is '3'"),
        ({"max_tokens": 1}, "max_tokens is '1'"),
        ({"history": "all"}, "history is 'all'"),
        ({"detail": 7}, "detail is '7'"),
        ({"server_state": "no"}, "server_state is 'no'; give true or false"),
        ({"base_url": None}, "OPENAI_API_KEY is not set"),
    ],
)
def test_a_wrong_setting_is_told_when_the_agent_is_made(monkeypatch, settings, why):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    given = {"model": "m", "base_url": "http://127.0.0.1:9", **settings}
    with pytest.raises(UsageError, match=why):
        OpenAIComputerAgent(**given)


class TestContract(AgentContract):
    """What every agent promises; a fresh server for each test."""

    is_seeded = False

    @pytest.fixture(autouse=True)
    def _server(self):
        script = [
            response([computer_call([CLICK])]),
            response([computer_call([{"type": "screenshot"}], "call_2")]),
            response([message("Well.")]),
            response(None),
        ]
        with ModelServer(script) as server:
            self._url = server.url
            yield

    def make(self):
        return OpenAIComputerAgent(model="m", base_url=self._url, max_retries=0)

    def instance(self):
        with tempfile.TemporaryDirectory() as folder:
            return small_instance(Path(folder))
