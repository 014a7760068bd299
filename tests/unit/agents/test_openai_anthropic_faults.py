"""What a vendor's server does wrong, or its model says wrongly: a retry, an invalid step or an end.

Both agents are tried with the same faults, each in its vendor's shapes.
"""

import json
from dataclasses import dataclass
from typing import Any

import anthropic._base_client
import numpy as np
import openai._base_client
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riosim.action import ACTION_TYPES, AskUser, Click, Finish, Point, Refuse, TypeText
from riosim.agent import Decision, InvalidOutput, Usage
from riosim.dialects.anthropic_computer import ANTHROPIC_VERSIONS, AnthropicComputer
from riosim.dialects.coordinate import Grid, Screen
from riosim.dialects.function_tool import FunctionTools, offered_kinds
from riosim.dialects.openai_computer import OpenAIComputer
from riosim.errors import ModelError
from riosim.observation import Observation
from riosim_agents.anthropic_computer import AnthropicAgent
from riosim_agents.computer_tool.anthropic_answer import AnthropicAnswer
from riosim_agents.computer_tool.responses_answer import ResponsesAnswer, failure_in
from riosim_agents.openai_computer import OpenAIComputerAgent
from tests.support.model_server import anthropic_replies, responses_replies
from tests.support.model_server.server import ModelServer, Reply

SCREEN = Screen(1280, 800)
CLICK = Click(at=Point(x=40, y=50))
KEY = "sk-ant-test-0123456789abcdefghijklmnop"


@dataclass(frozen=True)
class Vendor:
    """One agent, and its vendor's words for the same things."""

    agent: Any
    replies: Any
    extra: str

    def words(self, text):
        """Return an answer in prose."""
        if self.extra == "anthropic":
            return self.replies.message([self.replies.text(text)])
        return self.replies.response([self.replies.message(text)])

    def acts(self, *given):
        """Return an answer that calls the computer once for each input."""
        if self.extra == "anthropic":
            calls = [self.replies.tool_use(n, i, f"toolu_{k}") for k, (n, i) in enumerate(given)]
            return self.replies.calls(calls)
        calls = [
            self.replies.computer_call([{"type": n, **i}], f"call_{k}")
            for k, (n, i) in enumerate(given)
        ]
        return self.replies.response(calls)

    def told(self, request):
        """Return all that the model is told in words."""
        return "\n".join(self.replies.texts_in(request))


VENDORS = [
    Vendor(AnthropicAgent, anthropic_replies, "anthropic"),
    Vendor(OpenAIComputerAgent, responses_replies, "openai"),
]
CLICKS = {
    "anthropic": ("left_click", {"coordinate": [40, 50]}),
    "openai": ("click", {"button": "left", "x": 40, "y": 50}),
}


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.extra)
def vendor(request):
    return request.param


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """The SDKs wait half a second before they try again, and longer each time."""
    monkeypatch.setattr(openai._base_client, "INITIAL_RETRY_DELAY", 0.001)
    monkeypatch.setattr(anthropic._base_client, "INITIAL_RETRY_DELAY", 0.001)
    monkeypatch.setenv("TEST_KEY", KEY)


def screen(step=0, said=""):
    return Observation(np.zeros((800, 1280, 3), np.uint8), "Do it.", step, message=said)


def played(vendor, script, n_steps=1, **given):
    """Return the decisions on that many screens, and what the server was asked."""
    with ModelServer(script) as server:
        made = vendor.agent(
            model="m",
            **{"base_url": server.url, "api_key_env": "TEST_KEY", "max_retries": 2, **given},
        )
        made.reset("Do it.", seed=1)
        decisions: list[Decision] = []
        for step in range(n_steps):
            last = decisions[-1].action if decisions else None
            said = last.reason if isinstance(last, InvalidOutput) else ""
            decisions.append(made.act(screen(step, said)))
        return decisions, server.requests


def good(vendor):
    return vendor.replies.say(CLICK, screen=SCREEN, number=1)


FAULTS = {
    "429": lambda r: r.error(429, "Slow down.", kind="rate_limit_error", retry_after="0.001"),
    "429 in ms": lambda r: r.error(429, "Slow down.", retry_after_ms="1"),
    "500": lambda r: r.error(500, "Internal error.", kind="api_error"),
    "529": lambda r: r.error(529, "Overloaded", kind="overloaded_error"),
    "503": lambda r: Reply(b"<html>bad gateway</html>", 503),
    "cut body": lambda r: Reply({"content": "x" * 100}, cut_at=20),
    "no body": lambda r: Reply({"content": "x" * 100}, cut_at=0),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_may_pass_is_tried_again(vendor, name):
    fault = FAULTS[name](vendor.replies)
    (decision,), requests = played(vendor, [fault, fault, good(vendor)])
    assert decision.action == CLICK
    assert decision.extra[vendor.extra]["retries"] == 2
    assert len(requests) == 3


def test_a_time_out_is_tried_again(vendor):
    script = [Reply(hang=True), good(vendor)]
    (decision,), _ = played(vendor, script, timeout_s=0.3)
    assert decision.action == CLICK
    assert decision.extra[vendor.extra]["retries"] == 1


STOPS = [
    (lambda r: r.error(429, "Over quota."), ["429", "Over quota."]),
    (lambda r: r.error(500, "Internal error."), ["500", "Internal error."]),
    (lambda r: Reply(hang=True), ["no answer came", "timeout_s"]),
    (lambda r: Reply({"content": "x" * 100}, cut_at=9), ["no answer came"]),
    (lambda r: r.error(401, "Invalid key."), ["401", "Check the key in TEST_KEY"]),
    (lambda r: r.error(404, "No model `m`.", kind="not_found_error"), ["404", "No model `m`."]),
    (lambda r: r.error(413, "Request too large."), ["413", "fewer or smaller pictures"]),
    (
        lambda r: r.error(400, "image exceeds 5 MB maximum: 5316852 bytes"),
        ["400", "5316852 bytes", "fewer or smaller pictures"],
    ),
    (lambda r: r.error(400, "prompt is too long: 200001 tokens"), ["400", "Send less"]),
    (lambda r: Reply(b'{"content": [{"type": "te'), ["no JSON"]),
    (lambda r: Reply(b"[" * 5_000), ["no JSON"]),
    (lambda r: Reply([1, 2]), ["no JSON object"]),
    (lambda r: Reply({"object": "list"}), ['"object": "list"']),
    (lambda r: Reply({"error": {"message": "Upstream is down."}}), ["Upstream is down."]),
]


@pytest.mark.parametrize(("fault", "words"), STOPS, ids=lambda p: p[0] if type(p) is list else "")
def test_what_does_not_pass_ends_the_episode_and_says_why(vendor, fault, words):
    with pytest.raises(ModelError) as caught:
        played(vendor, [fault(vendor.replies)], timeout_s=0.3, max_retries=0)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None  # it would hold the request with its key
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"anthropic": ("explode", {}), "openai": ("explode", {})}, "no action 'explode'"),
        (
            {
                "anthropic": ("left_click", {"coordinate": [5000, 50]}),
                "openai": ("click", {"button": "left", "x": 5000, "y": 50}),
            },
            "x = 5000 lies off the screen",
        ),
        (
            {
                "anthropic": ("type", {"text": "x" * 200_000}),
                "openai": ("type", {"text": "x" * 200_000}),
            },
            "at most 20000 characters",
        ),
        ({"anthropic": ("key", "Return"), "openai": ("keypress", {"keys": "ENTER"})}, ""),
    ],
    ids=["unknown action", "off the screen", "200 KB", "wrong shape"],
)
def test_a_wrong_call_is_an_invalid_step_and_the_model_is_told_why(vendor, given, why):
    wrong = vendor.acts(given[vendor.extra])
    (first, second), requests = played(vendor, [wrong, good(vendor)], 2)
    assert isinstance(first.action, InvalidOutput)
    assert why in first.action.reason
    assert len(first.action.text) <= 20_000
    assert second.action == CLICK
    assert first.action.reason in vendor.told(requests[1])


def test_half_json_in_a_functions_arguments_is_an_invalid_step():
    half = responses_replies.function_call("finish", '{"answer": "4')
    script = [responses_replies.response([half]), good(VENDORS[1])]
    (first, second), requests = played(VENDORS[1], script, 2)
    assert isinstance(first.action, InvalidOutput)
    assert "the arguments are no JSON" in first.action.reason
    assert second.action == CLICK
    assert "the arguments are no JSON" in VENDORS[1].told(requests[1])


def test_two_calls_are_two_steps(vendor):
    two = vendor.acts(CLICKS[vendor.extra], ("type", {"text": "hi"}))
    decisions, requests = played(vendor, [two], 2)
    assert [decision.action for decision in decisions] == [CLICK, TypeText(text="hi")]
    assert len(requests) == 1


def test_a_wrong_second_call_leaves_the_first_as_it_is(vendor):
    two = vendor.acts(CLICKS[vendor.extra], ("explode", {}), ("type", {"text": "hi"}))
    decisions, requests = played(vendor, [two, good(vendor)], 3)
    assert decisions[0].action == CLICK
    assert isinstance(decisions[1].action, InvalidOutput)
    assert decisions[2].action == CLICK
    assert "no action 'explode'" in vendor.told(requests[1])
    assert "Not executed" in vendor.told(requests[1])


NOTHING = {
    "anthropic": [
        anthropic_replies.message([]),
        anthropic_replies.message(None),
        anthropic_replies.message("words"),
        anthropic_replies.message([anthropic_replies.text(" \n")]),
        anthropic_replies.message([7]),
        anthropic_replies.message([anthropic_replies.thinking("Hm.")]),
        anthropic_replies.calls([anthropic_replies.tool_use("wait", {}, None)]),
        anthropic_replies.calls([anthropic_replies.tool_use("wait", {})] * 2),
        anthropic_replies.message([anthropic_replies.text("I")], stop_reason="max_tokens"),
        anthropic_replies.message(
            [anthropic_replies.tool_use("wait", {})], stop_reason="max_tokens"
        ),
    ],
    "openai": [
        responses_replies.response([]),
        responses_replies.response(None),
        responses_replies.response([7]),
        responses_replies.response([responses_replies.reasoning("Hm.")]),
        responses_replies.response([responses_replies.message("")]),
        responses_replies.response([responses_replies.computer_call([])]),
        responses_replies.response([responses_replies.computer_call("click")]),
        responses_replies.response([responses_replies.computer_call([{"type": "wait"}], None)]),
        responses_replies.response([responses_replies.computer_call([{"type": "wait"}])] * 2),
        responses_replies.response(
            [responses_replies.message("I")],
            status="incomplete",
            incomplete_details={"reason": "max_output_tokens"},
        ),
        responses_replies.response(
            [responses_replies.computer_call([{"type": "wait"}])],
            status="incomplete",
            incomplete_details={"reason": "max_output_tokens"},
        ),
    ],
}
SILENCES = [(v, reply) for v in VENDORS for reply in NOTHING[v.extra]]


@pytest.mark.parametrize(("vendor", "reply"), SILENCES, ids=lambda part: getattr(part, "extra", ""))
def test_an_answer_that_says_nothing_is_an_invalid_step(vendor, reply):
    (first, second), requests = played(vendor, [reply, good(vendor)], 2)
    assert isinstance(first.action, InvalidOutput)
    assert first.action.reason
    assert second.action == CLICK
    assert first.action.reason in vendor.told(requests[1])


def test_a_call_that_cannot_be_answered_is_neither_done_nor_sent_back(vendor):
    wrong = vendor.acts(CLICKS[vendor.extra])
    for block in wrong.body.get("content", wrong.body.get("output")):
        block |= {"id": None, "call_id": None}
    said = vendor.words("Done.").body
    wrong.body.get("content", wrong.body.get("output")).append(
        said.get("content", said.get("output"))[0]
    )
    (first, second), requests = played(vendor, [wrong, good(vendor)], 2)
    assert isinstance(first.action, InvalidOutput)
    assert "id, or one that is taken" in first.action.reason
    assert second.action == CLICK
    assert "Done." not in json.dumps(requests[1].body)


def test_a_long_answer_is_kept_cut(vendor):
    (decision,), _ = played(vendor, [vendor.words("x" * 200_000)])
    assert decision.action == Finish(answer="x" * 20_000)


def test_text_that_cannot_be_sent_back_is_mended(vendor):
    decisions, requests = played(vendor, [vendor.words("Shall I \ud800?"), good(vendor)], 2)
    assert decisions[0].action == AskUser(question="Shall I ??")
    assert "Shall I ??" in json.dumps(requests[1].body)


def test_a_task_that_cannot_be_sent_as_it_is_is_mended(vendor):
    with ModelServer([good(vendor)]) as server:
        made = vendor.agent(model="m", base_url=server.url, max_retries=0)
        made.reset("Open \ud800 now.", seed=1)
        assert made.act(screen()).action == CLICK
    assert "Open ? now." in vendor.told(server.requests[0])


REFUSALS = {
    "anthropic": [
        (
            anthropic_replies.message(
                [],
                stop_reason="refusal",
                stop_details={
                    "type": "refusal",
                    "category": "cyber",
                    "explanation": "This may harm.",
                },
            ),
            "This may harm.",
        ),
        (
            anthropic_replies.message([anthropic_replies.text("I stop.")], stop_reason="refusal"),
            "I stop.",
        ),
        (anthropic_replies.message(None, stop_reason="refusal"), "The API stopped the model"),
        (anthropic_replies.error(400, "Blocked by content_filter."), "Blocked by content_filter."),
    ],
    "openai": [
        (responses_replies.response([responses_replies.refusal("I can't.")]), "I can't."),
        (
            responses_replies.response(
                [], status="incomplete", incomplete_details={"reason": "content_filter"}
            ),
            "content filter",
        ),
        (
            responses_replies.response(
                [],
                status="failed",
                error={"code": "misalignment_policy_violation", "message": "Data would leave."},
            ),
            "Data would leave.",
        ),
        (responses_replies.error(400, "Blocked by content_filter."), "Blocked by content_filter."),
    ],
}
DECLINED = [(v, *pair) for v in VENDORS for pair in REFUSALS[v.extra]]


@pytest.mark.parametrize(
    ("vendor", "reply", "why"), DECLINED, ids=lambda p: getattr(p, "extra", "")
)
def test_a_refusal_of_the_api_is_one(vendor, reply, why):
    (decision,), _ = played(vendor, [reply])
    assert isinstance(decision.action, Refuse)
    assert why in decision.action.reason


def test_what_a_filter_withheld_may_count_as_not_measured(vendor):
    blocked = vendor.replies.error(400, "Blocked by content_filter.")
    with pytest.raises(ModelError, match=r"Blocked by content_filter\."):
        played(vendor, [blocked], content_filter="stop")


def test_a_response_that_failed_ends_the_episode():
    failed = responses_replies.response(
        [], status="failed", error={"code": "server_error", "message": "Try later."}
    )
    with pytest.raises(ModelError, match=r"server_error: Try later\."):
        played(VENDORS[1], [failed])


def test_a_key_that_a_server_echoes_reaches_nothing(vendor):
    script = [
        vendor.words(f"Shall I use {KEY}?"),
        vendor.acts(("type", {"text": f"my key is {KEY}"})),
        vendor.acts(("explode", {"why": KEY})),
    ]
    decisions, requests = played(vendor, script, 3)
    assert KEY in requests[0].headers["authorization"]
    for decision in decisions:
        assert KEY not in f"{decision!r}"
        assert "(hidden)" in f"{decision!r}"
    assert not any(KEY in json.dumps(request.body) for request in requests)
    with pytest.raises(ModelError) as caught:
        played(vendor, [vendor.replies.error(400, f"Bad key {KEY[:30]}…")])
    assert KEY[:30] not in str(caught.value)
    assert "(hidden)" in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    "type text thinking name input id call_id action actions arguments toolset_name content "
    "summary refusal pending_safety_checks status".split()
)
VALUES = JSON | st.sampled_from(
    "tool_use text thinking computer_call function_call message reasoning computer finish click "
    "left_click screenshot output_text call_1".split()
)
BLOCKS = st.dictionaries(
    FIELDS, VALUES | st.dictionaries(FIELDS, VALUES, max_size=5) | st.lists(VALUES, max_size=3)
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "content": JSON | st.lists(BLOCKS, max_size=4),
        "output": JSON | st.lists(BLOCKS, max_size=4),
        "stop_reason": VALUES | st.sampled_from(["max_tokens", "refusal", "pause_turn"]),
        "stop_details": JSON,
        "status": VALUES | st.sampled_from(["incomplete", "failed"]),
        "incomplete_details": JSON,
        "error": JSON,
    },
)
FUNCTIONS = FunctionTools(offered_kinds(browser=True, code=True))


def is_sound(calls, otherwise):
    parts = [part for call in calls for part in call.parts if hasattr(part, "reason") or part]
    assert calls or isinstance(otherwise, (*ACTION_TYPES, InvalidOutput))
    return all(call.parts for call in calls) and len(parts) >= len(calls)


@given(BODIES, st.sampled_from(sorted(ANTHROPIC_VERSIONS)))
def test_whatever_a_body_of_anthropic_holds_it_is_read(body, version):
    tool = AnthropicComputer(Grid.pixels(SCREEN), version)
    read = AnthropicAnswer.read(body, tool, FUNCTIONS, usage=Usage(), facts={})
    assert is_sound(read.said.calls, read.said.otherwise)


@given(BODIES)
def test_whatever_a_body_of_openai_holds_it_is_read(body):
    read = ResponsesAnswer.read(body, OpenAIComputer(Grid.pixels(SCREEN)), FUNCTIONS)
    assert is_sound(read.calls, read.otherwise)
    failure_in(body)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(bodies=st.lists(BODIES, min_size=1, max_size=4))
def test_whatever_a_server_answers_the_agent_decides_or_stops(vendor, bodies):
    try:
        decisions, _ = played(vendor, [Reply(body) for body in bodies], 3, max_retries=0)
    except ModelError:
        return
    for decision in decisions:
        assert isinstance(decision.action, (*ACTION_TYPES, InvalidOutput))
        assert json.loads(json.dumps(decision.extra)) == decision.extra
