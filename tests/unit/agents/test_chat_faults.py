"""What a server does wrong, or a model says wrongly, is a retry, an invalid step or an end."""

import json

import openai._base_client
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riosim.action import ACTION_TYPES, Click, Finish, Point, Refuse, Wait
from riosim.agent import InvalidOutput
from riosim.dialects.coordinate import Grid
from riosim.dialects.own_json import OwnJson
from riosim.errors import ModelError
from riosim_agents.completions.answer import hear
from riosim_agents.completions.completion import Call, Completion, NoCompletionError
from tests.support.model_server.chat_play import SCREEN, asked, decide, played, screen, the_chat
from tests.support.model_server.chat_replies import (
    call,
    completion,
    error,
    message,
    pictures_of,
    roles_of,
    say,
    tool_reply,
)
from tests.support.model_server.server import ModelServer, Reply

CLICK = Click(at=Point(x=40, y=50))
GOOD = say(CLICK, screen=SCREEN, number=1)
WAIT = completion(message('{"kind": "wait"}'))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """The SDK waits half a second before it tries again, and longer each time."""
    monkeypatch.setattr(openai._base_client, "INITIAL_RETRY_DELAY", 0.001)


def why_stopped(script, n_steps=1, **settings):
    with pytest.raises(ModelError) as caught:
        played(script, n_steps, **settings)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None  # it would hold the request with its key
    return str(caught.value)


@pytest.mark.parametrize(
    "fault",
    [
        error(429, "Rate limit reached.", retry_after="0.001"),
        error(429, "Rate limit reached.", retry_after_ms="1"),
        error(500, "Internal error."),
        error(503, "Overloaded."),
        error(408, "Too slow."),
        Reply(GOOD.body, cut_at=40),
        Reply(GOOD.body, cut_at=0),
    ],
    ids=["429", "429-ms", "500", "503", "408", "cut body", "no body"],
)
def test_what_may_pass_is_tried_again(fault):
    decision = decide(fault, fault, GOOD)
    assert decision.action == CLICK
    assert decision.extra["chat"]["n_retries"] == 2
    assert decision.extra["chat"]["asked_for"] == "tool"


def test_a_time_out_is_tried_again():
    decision = decide(Reply(hang=True), GOOD, timeout_s=0.2)
    assert decision.action == CLICK
    assert decision.extra["chat"]["n_retries"] == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (error(429, "You exceeded your quota."), ["429", "You exceeded your quota."]),
        (error(500, "Internal error."), ["500", "Internal error."]),
        (Reply(hang=True), ["no answer came", "timed out", "timeout_s"]),
        (Reply(GOOD.body, cut_at=40), ["no answer came", "base_url"]),
        (error(401, "Incorrect API key."), ["401", "Check the key"]),
        (error(404, "The model `x` does not exist."), ["404", "does not exist", "model"]),
        (Reply(b"<html>It works!</html>"), ["no JSON", "It works!", "/v1"]),
        (Reply(b'{"choices": [{"message"'), ["no JSON"]),
        (Reply({"object": "list"}), ["choices"]),
        (Reply({"choices": []}), ["choices"]),
        (Reply([1, 2]), ["list"]),
        (Reply(b"[" * 5_000), ["no JSON"]),
        (Reply({"error": {"message": "Upstream is down.", "code": 502}}), ["Upstream is down."]),
        (error(400, "This model has no support for image input."), ["takes no pictures"]),
    ],
    ids=lambda part: part[0] if isinstance(part, list) else "",
)
def test_what_does_not_pass_ends_the_episode_and_says_why(fault, words):
    said = why_stopped([fault], timeout_s=0.2, max_retries=1)
    for word in words:
        assert word in said
    assert "http://127.0.0.1:" in said


def test_a_server_that_is_not_there_is_named():
    with ModelServer([GOOD]) as server:
        url = server.url
    said = why_stopped([GOOD], base_url=f"{url}/v1", max_retries=0)
    assert url in said
    assert "that the server runs" in said


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (completion(message("")), "empty"),
        (completion(message(None)), "empty"),
        (completion({}), "empty"),
        (completion(message("Now I look at the page.")), "no JSON object"),
        (completion(message('{"kind": "click", "at": {"x": 4')), "cut off"),
        (completion(message('{"kind": "fly"}')), "fly"),
        (completion(message('{"kind": "click", "at": {"x": 9999, "y": 4}}')), "off the screen"),
        (completion(message('{"kind": "click", "at": {"x": -1, "y": 4}}')), "off the screen"),
        (tool_reply([call({"action": {"kind": "fly"}})]), "fly"),
        (tool_reply([call('{"action": {"kind": "cli')]), "cut off"),
        (tool_reply([call({})]), "kind"),
        (tool_reply([call("")]), "empty"),
        (tool_reply([call({"x": 1}, name="browse_web")]), "no function 'browse_web'"),
        (tool_reply([{"id": "a", "type": "function"}]), "no function ''"),
        (completion(message("word " * 40_000)), "no JSON object"),
        (tool_reply([call({"action": {"kind": "type_text", "text": "x" * 200_000}})]), "20000"),
    ],
)
def test_what_is_no_action_is_an_invalid_step_and_the_model_is_told_why(reply, reason):
    decisions, requests = played([reply, GOOD], 2)
    assert isinstance(decisions[0].action, InvalidOutput)
    assert reason in decisions[0].action.reason
    assert len(decisions[0].action.text) <= 20_000
    assert decisions[1].action == CLICK
    assert reason in asked(requests[1])[-1]["content"]
    assert len(json.dumps(asked(requests[1]))) < 40_000  # it does not fill its own context


def test_calls_that_no_server_takes_back_are_told_in_words():
    _, requests = played([tool_reply([call('{"action": {"kind": "cli')]), GOOD], 2)
    assert roles_of(requests[1]) == ["system", "user", "assistant", "user"]
    assert 'act({"action": {"kind": "cli)' in requests[1].body["messages"][2]["content"]


def test_a_function_for_each_kind_is_understood():
    assert decide(tool_reply([call({"seconds": 2}, name="wait")])).action == Wait(seconds=2)
    assert decide(tool_reply([call("", name="finish")])).action == Finish()


def test_arguments_that_were_encoded_twice_are_understood():
    twice = json.dumps(json.dumps({"action": {"kind": "wait"}}))
    assert decide(tool_reply([call(twice)])).action == Wait()


def test_arguments_that_the_server_decoded_are_understood():
    given_ = call({})
    given_["function"]["arguments"] = {"action": {"kind": "wait"}}
    assert decide(tool_reply([given_])).action == Wait()


def test_the_older_form_of_a_call_is_understood():
    said = message(None, function_call={"name": "act", "arguments": '{"action":{"kind":"wait"}}'})
    assert decide(completion(said)).action == Wait()


def test_a_hundred_calls_in_one_answer_are_not_a_hundred_steps():
    reply = tool_reply([call({"action": {"kind": "wait"}}, number=n) for n in range(100)])
    with the_chat([reply, GOOD]) as (agent, server):
        step = 0
        decision = agent.act(screen(step))
        while decision.action == Wait():
            step += 1
            decision = agent.act(screen(step))
        assert isinstance(decision.action, InvalidOutput)
        assert "100 calls" in decision.action.reason
        assert step == 19
        agent.act(screen(step + 1, decision.action.reason))
    results = [m for m in server.requests[1].body["messages"] if m["role"] == "tool"]
    assert len(results) == 100


def test_an_answer_that_was_cut_off_at_its_limit_says_so():
    reply = completion(message('{"kind": "type_text", "text": "lor'), finish_reason="length")
    decision = decide(reply, max_tokens=12)
    assert "max_tokens=12" in decision.action.reason
    assert decision.extra["chat"]["finish_reason"] == "length"


def test_a_whole_action_is_done_although_more_was_cut_off():
    reply = completion(message('{"kind": "wait"} And then I'), finish_reason="length")
    assert decide(reply).action == Wait()


# What a server does not take.


def test_tools_give_way_to_a_schema_and_that_to_text():
    script = [
        error(400, '"auto" tool choice requires --enable-auto-tool-choice', flat=True),
        error(400, "response_format of type json_schema is not supported"),
        WAIT,
    ]
    decisions, requests = played(script, 2)
    assert [sorted({"tools", "response_format"} & r.body.keys()) for r in requests] == [
        ["tools"],
        ["response_format"],
        [],
        [],
    ]
    facts = decisions[1].extra["chat"]
    assert facts["asked_for"] == "text"
    assert "answers as schema instead of tool" in facts["given_up"][0]
    assert "--enable-auto-tool-choice" in facts["given_up"][0]
    assert '"kind": "wait"' not in asked(requests[0])[0]["content"]
    assert "`wait`" in asked(requests[2])[0]["content"]


PROSE = completion(message("Now I look at the page."))


def test_a_server_that_leaves_tools_out_without_a_word_is_noticed():
    decisions, requests = played([PROSE, PROSE, WAIT], 3)
    assert [sorted({"tools", "response_format"} & r.body.keys()) for r in requests] == [
        ["tools"],
        ["tools"],
        ["response_format"],
    ]
    assert decisions[2].action == Wait()
    assert "called no function" in decisions[2].extra["chat"]["given_up"][0]
    assert "given_up" not in decisions[1].extra["chat"]


@pytest.mark.parametrize(
    ("script", "settings"),
    [
        ([GOOD, PROSE, PROSE, PROSE], {}),  # it knows tools
        ([PROSE, WAIT, PROSE, WAIT], {}),  # it is understood
        ([PROSE, PROSE, PROSE, PROSE], {"answer": "tool"}),  # it was asked for
    ],
)
def test_prose_alone_changes_nothing_where_tools_are_known_or_asked_for(script, settings):
    _, requests = played(script, 4, **settings)
    assert all("tools" in request.body for request in requests)


def test_what_was_asked_for_is_not_given_up():
    said = why_stopped([error(400, "This model does not support tools.")], answer="tool")
    assert "does not support tools" in said


def test_it_is_known_in_the_next_episode_what_the_server_does_not_take():
    script = [error(400, "no tools here"), WAIT]
    with the_chat(script) as (agent, server):
        agent.act(screen())
        agent.reset("Again.", seed=1)
        decision = agent.act(screen())
    assert len(server.requests) == 3
    assert decision.extra["chat"]["given_up"]


def test_a_server_that_minds_everything_changes_nothing_for_the_next_episode():
    with the_chat([*[error(400, "No.")] * 4, GOOD]) as (agent, server):
        with pytest.raises(ModelError, match="Given up before: answers as schema"):
            agent.act(screen())
        agent.reset("Again.", seed=1)
        decision = agent.act(screen())
    assert "given_up" not in decision.extra["chat"]
    assert "tools" in server.requests[-1].body


def test_a_mode_that_has_worked_is_kept_whatever_comes():
    with pytest.raises(ModelError):
        played([GOOD, error(400, "No.")], 2)


def test_newer_models_get_their_own_name_of_the_limit():
    said = "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    script = [error(400, said, param="max_tokens", code="unsupported_parameter"), GOOD]
    _, requests = played(script, 1)
    assert requests[1].body["max_completion_tokens"] == 4096
    assert "max_tokens" not in requests[1].body


NO_TEMPERATURE = error(
    400,
    "Unsupported value: 'temperature' does not support 0 with this model.",
    param="temperature",
    code="unsupported_value",
)


def test_the_default_temperature_gives_way_and_the_record_says_so():
    (decision,), requests = played([NO_TEMPERATURE, GOOD], 1)
    assert "temperature" not in requests[1].body
    assert decision.extra["chat"]["temperature"] is None
    assert "no temperature" in decision.extra["chat"]["given_up"][0]


@pytest.mark.parametrize(
    ("fault", "settings"),
    [
        (NO_TEMPERATURE, {"temperature": 0.7}),
        (error(400, "seed: not permitted"), {"seed": 3}),
    ],
)
def test_a_temperature_or_seed_that_was_set_is_never_dropped_in_silence(fault, settings):
    with the_chat([fault, GOOD], answer="text", **settings) as (agent, server):
        with pytest.raises(ModelError, match=r"temperature|seed"):
            agent.act(screen())
    assert len(server.requests) == 1


def test_a_seed_that_is_not_permitted_is_named_by_a_strict_server():
    detail = [
        {
            "type": "extra_forbidden",
            "loc": ["body", "seed"],
            "msg": "Extra inputs",
            "input": {"tools": 1},
        }
    ]
    (decision,), requests = played([Reply({"detail": detail}, 422), GOOD], 1)
    assert "seed" not in requests[1].body
    assert "tools" in requests[1].body
    assert decision.extra["chat"]["seed"] is None


# Pictures and contexts.


def test_a_limit_on_pictures_drops_older_ones_and_is_remembered():
    limit = error(400, "At most 2 image(s) may be provided in one request.", flat=True)
    script = [GOOD, GOOD, limit, GOOD, GOOD]
    decisions, requests = played(script, 4)
    assert [len(pictures_of(request)) for request in requests] == [1, 2, 3, 2, 2]
    assert "at most 2 pictures" in decisions[3].extra["chat"]["given_up"][0]
    assert decisions[3].extra["chat"]["n_pictures"] == 2


@pytest.mark.parametrize(
    "limit",
    [
        error(413, "Request entity too large"),
        Reply(b"<h1>413 Payload Too Large</h1>", 413, {"content-type": "text/html"}),
        error(400, "image exceeds 5 MB maximum: 6000000 bytes > 5242880 bytes"),
    ],
)
def test_then_the_picture_is_halved_and_points_are_counted_in_it(limit):
    half = tool_reply([call({"action": {"kind": "click", "at": {"x": 20, "y": 25}}})])
    decisions, requests = played([GOOD, limit, limit, half, half], 3)
    assert [len(pictures_of(request)) for request in requests] == [1, 2, 1, 1, 1]
    assert "160x100 pixels" in asked(requests[3])[0]["content"]
    assert [d.action for d in decisions] == [CLICK] * 3
    assert decisions[2].extra["chat"]["picture_px"] == [160, 100]
    assert "Steps 1 to 1 are left out" in asked(requests[3])[1]["content"]  # counted in the larger


def test_a_picture_that_is_still_too_large_ends_the_episode():
    said = why_stopped([error(413, "Request entity too large")])
    assert "half the width" in said
    assert "smaller pictures" in said


def test_a_context_that_is_too_short_drops_history():
    too_long = error(
        400,
        "This model's maximum context length is 8192 tokens. However, your request has 9000.",
        code="context_length_exceeded",
    )
    decisions, requests = played([GOOD, GOOD, GOOD, too_long, GOOD, GOOD], 5)
    assert decisions[4].action == CLICK
    assert [roles_of(request).count("assistant") for request in requests] == [0, 1, 2, 3, 1, 1]
    assert "Steps 1 to 2 are left out" in asked(requests[4])[1]["content"]
    assert decisions[3].extra["chat"]["n_earlier_steps"] == 1


def test_a_context_that_is_too_short_for_one_screen_ends_the_episode():
    said = why_stopped([error(400, "the request exceeds the available context size")])
    assert "context size" in said
    assert "longer context" in said


# Refusals.


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (completion(message(None, refusal="I can't help with that.")), "field"),
        (completion(message([{"type": "refusal", "refusal": "I can't help with that."}])), "field"),
        (completion(message("I’m sorry, but I can’t help with that.")), "words"),
        (completion(message("I won't enter the password on this page.")), "words"),
        (completion(message(""), finish_reason="content_filter"), "filter"),
    ],
)
def test_a_refusal_ends_the_episode_as_one(reply, kind):
    decision = decide(reply)
    assert isinstance(decision.action, Refuse)
    assert decision.action.reason
    assert decision.extra["chat"]["refusal"] == kind


@pytest.mark.parametrize(
    "said",
    [
        "I cannot find the Save button on this page.",
        "I can't click it because it is off the screen.",
        "The dialog says: refused. I look elsewhere.",
        "I won't be able to see it before I scroll.",
    ],
)
def test_what_did_not_work_is_no_refusal(said):
    assert isinstance(decide(completion(message(said))).action, InvalidOutput)


def test_an_action_is_done_even_if_its_thought_sounds_like_a_refusal():
    said = 'I can\'t help with that page, I go back. {"kind": "wait"}'
    assert decide(completion(message(said))).action == Wait()


@pytest.mark.parametrize("more", ['{"kind": "wai', '{"status": "going back"}'])
def test_a_broken_action_is_no_refusal(more):
    said = f"I can't help with that page, I go back. {more}"
    assert isinstance(decide(completion(message(said))).action, InvalidOutput)


def test_the_endpoints_filter_may_count_as_not_measured():
    filtered = completion(message(""), finish_reason="content_filter")
    assert "content filter" in why_stopped([filtered], content_filter="stop")


BLOCKED = error(
    400, "The response was filtered by the content management policy.", code="content_filter"
)


def test_a_request_that_the_endpoint_filtered_counts_alike():
    decision = decide(BLOCKED)
    assert isinstance(decision.action, Refuse)
    assert "content management policy" in decision.action.reason
    assert decision.extra["chat"]["refusal"] == "filter"
    assert "content management policy" in why_stopped([BLOCKED], content_filter="stop")


# Laws.

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "choices message content tool_calls function name arguments id usage refusal "
                "prompt_tokens completion_tokens type text finish_reason model".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(json_values)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_server_answers_is_read_or_is_no_completion(body):
    for wrapped in (body, {"choices": [{"message": body}], "usage": body, "model": body}):
        try:
            found = Completion.of(wrapped)
        except NoCompletionError:
            continue
        heard = hear(found, OwnJson(Grid.pixels(SCREEN)), limit="none")
        assert heard.reading.actions


@given(
    st.text(max_size=200),
    st.lists(st.tuples(st.text(max_size=10), st.text(max_size=80)), max_size=3),
    st.sampled_from(["stop", "length", "content_filter", ""]),
)
def test_whatever_a_model_says_is_an_action_or_says_that_it_is_none(said, calls, finish_reason):
    found = Completion(
        said,
        calls=tuple(Call(str(n), name, text) for n, (name, text) in enumerate(calls)),
        finish_reason=finish_reason,
    )
    for action in hear(found, OwnJson(Grid.pixels(SCREEN)), limit="none").reading.actions:
        assert isinstance(action, (*ACTION_TYPES, InvalidOutput))
