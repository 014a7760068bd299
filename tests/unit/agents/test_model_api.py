"""Endpoints, prices, settings, and what the vendors' exceptions mean."""

import anthropic
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riosim.errors import UsageError
from riosim_agents.model.failure import failure_of
from riosim_agents.model.model_api import Prices, Vendor, endpoint_of
from riosim_agents.model.secret import HIDDEN, Secrets
from riosim_agents.model.setting import (
    choice_setting,
    header_setting,
    number_setting,
    text_setting,
    url_setting,
    whole_setting,
)
from tests.support.model_server.chat_replies import error
from tests.support.model_server.server import ModelServer, Reply

KEY = "key-0123456789-abcdefghij"
VENDOR = Vendor("Acme", "https://api.acme.test", "ACME_KEY", "ACME_URL")


@pytest.fixture(autouse=True)
def _variables(monkeypatch):
    monkeypatch.delenv("ACME_URL", raising=False)
    monkeypatch.setenv("ACME_KEY", KEY)
    monkeypatch.setenv("OTHER_KEY", "other-key-0123456789")


@pytest.mark.parametrize(
    ("settings", "url", "key"),
    [
        ({}, "https://api.acme.test", KEY),
        ({"base_url": None, "api_key_env": "OTHER_KEY"}, VENDOR.url, "other-key-0123456789"),
        ({"base_url": "http://10.0.0.1:8000/v1/"}, "http://10.0.0.1:8000/v1", ""),
        (
            {"base_url": "http://10.0.0.1/", "api_key_env": "ACME_KEY"},
            "http://10.0.0.1",
            KEY,
        ),
    ],
)
def test_a_key_goes_where_it_belongs(settings, url, key):
    endpoint = endpoint_of(VENDOR, **settings)
    assert (endpoint.base_url, endpoint.api_key) == (url, key)
    assert endpoint.key_variable == ("" if not key else endpoint.key_variable)
    assert KEY not in repr(endpoint)


def test_the_vendors_variable_for_the_address_is_read(monkeypatch):
    monkeypatch.setenv("ACME_URL", "http://gateway.test")
    assert endpoint_of(VENDOR).base_url == "http://gateway.test"
    assert endpoint_of(VENDOR).api_key == KEY
    assert endpoint_of(VENDOR, base_url="http://mine.test").base_url == "http://mine.test"


@pytest.mark.parametrize("settings", [{}, {"api_key_env": "ACME_KEY", "base_url": "http://a.test"}])
def test_a_key_that_is_not_there_is_told_with_its_variable(monkeypatch, settings):
    monkeypatch.setenv("ACME_KEY", " ")
    with pytest.raises(UsageError, match="ACME_KEY is not set"):
        endpoint_of(VENDOR, **settings)


def test_prices_are_per_million():
    prices = Prices.of(3, 15)
    assert prices.usage(1_000_000, 100_000, 600_000).cost_usd == pytest.approx(4.5)
    cheaper = Prices.of(3, 15, 0.3)
    assert cheaper.usage(1_000_000, 100_000, 600_000).cost_usd == pytest.approx(1.2 + 0.18 + 1.5)
    assert cheaper.usage(10, 0, 600).cost_usd == pytest.approx(10 * 0.3 / 1e6)
    assert not Prices.of(None, None).are_known
    assert Prices.of(None, None).usage(5, 6).cost_usd == 0
    assert Prices.of(0, 0).are_known


@pytest.mark.parametrize(
    "amounts", [(1, None), (None, 1), (None, None, 1), (-1, 1), ("1", 1), (True, 1)]
)
def test_half_a_price_is_none(amounts):
    with pytest.raises(UsageError, match="usd_per_million"):
        Prices.of(*amounts)


@pytest.mark.parametrize(
    ("check", "values"),
    [
        (lambda v: number_setting("n", v, least=0, most=2), [-1, 3, "1", None, True, float("nan")]),
        (lambda v: number_setting("n", v), [float("inf"), float("-inf")]),
        (lambda v: whole_setting("n", v, least=0, most=2), [-1, 3, "1", None, True, 1.0]),
        (lambda v: choice_setting("n", v, ("a", "b")), ["c", None, 1, ["a"]]),
        (lambda v: text_setting("n", v), [1, ["a"], {}]),
        (
            lambda v: url_setting(v),
            ["", "a", "ftp://a", "http://", "http://a?b=c", "http://a#b", "http://[", "http://a@b"],
        ),
        (lambda v: header_setting(v), ["a", {"a:": "b"}, {"a": 1}, {"a": "\u00e9"}, {1: "b"}]),
    ],
)
def test_a_setting_that_is_wrong_is_refused(check, values):
    for value in values:
        with pytest.raises(UsageError):
            check(value)


def test_a_setting_that_is_right_is_taken():
    assert number_setting("n", 1, least=0, most=2) == 1.0
    assert whole_setting("n", 2, least=0, most=2) == 2
    assert choice_setting("n", "a", ("a", "b")) == "a"
    assert text_setting("n", None) == ""
    assert text_setting("n", " a ") == "a"
    assert url_setting("https://a.test/v1/") == "https://a.test/v1"
    assert header_setting({"X-Team": "red"}) == {"X-Team": "red"}


# The exceptions of both SDKs.


def openai_fails(url):
    with openai.OpenAI(api_key=KEY, base_url=url, max_retries=0, timeout=0.3) as client:
        client.chat.completions.create(model="m", messages=[])


def anthropic_fails(url):
    with anthropic.Anthropic(api_key=KEY, base_url=url, max_retries=0, timeout=0.3) as client:
        client.messages.create(model="m", max_tokens=9, messages=[])


def failure(ask, reply):
    with ModelServer([reply]) as server:
        try:
            ask(server.url)
        except (openai.OpenAIError, anthropic.AnthropicError) as exc:
            return failure_of(exc, Secrets(KEY))
    raise AssertionError("it was answered")


def claude(status, said, kind="invalid_request_error"):
    return Reply({"type": "error", "error": {"type": kind, "message": said}}, status)


@pytest.mark.parametrize(
    ("ask", "reply", "trouble"),
    [
        (openai_fails, error(401, "No such key."), "key"),
        (openai_fails, error(403, "Not yours."), "key"),
        (openai_fails, error(404, "The model `m` does not exist."), "missing"),
        (openai_fails, error(400, "At most 1 image(s) may be provided."), "pictures"),
        (openai_fails, error(413, "Too large."), "pictures"),
        (openai_fails, Reply(b"<html>413</html>", 413), "pictures"),
        (
            openai_fails,
            error(400, "This model's maximum context length is 4096 tokens."),
            "context",
        ),
        (openai_fails, error(400, "Too long.", code="context_length_exceeded"), "context"),
        (
            openai_fails,
            error(400, "The input (9 tokens) is longer than the model's context length (8)."),
            "context",
        ),
        (openai_fails, error(400, "image_url is only supported by certain models."), "no_pictures"),
        (openai_fails, error(404, "No endpoints found that support image input"), "no_pictures"),
        (openai_fails, error(400, "m is not a multimodal model"), "no_pictures"),
        (openai_fails, error(400, "Filtered.", code="content_filter"), "filter"),
        (openai_fails, error(400, "Unknown parameter."), "parameter"),
        (openai_fails, error(422, "Extra fields."), "parameter"),
        (openai_fails, error(429, "Slow down."), "other"),
        (openai_fails, error(500, "Oops."), "other"),
        (openai_fails, Reply(hang=True), "reach"),
        (openai_fails, Reply({}, cut_at=1), "reach"),
        (anthropic_fails, claude(401, "invalid x-api-key", "authentication_error"), "key"),
        (
            anthropic_fails,
            claude(400, "prompt is too long: 210000 tokens > 200000 maximum"),
            "context",
        ),
        (
            anthropic_fails,
            claude(400, "messages.0.content.1.image: image exceeds 5 MB maximum"),
            "pictures",
        ),
        (anthropic_fails, claude(413, "Request too large", "request_too_large"), "pictures"),
        (anthropic_fails, claude(529, "Overloaded", "overloaded_error"), "other"),
        (anthropic_fails, Reply(hang=True), "reach"),
    ],
)
def test_a_failure_is_told_by_kind(ask, reply, trouble):
    found = failure(ask, reply)
    assert found.trouble == trouble
    assert found.status == (None if trouble == "reach" else reply.status)
    assert found.said


@pytest.mark.parametrize("ask", [openai_fails, anthropic_fails])
def test_a_failure_holds_no_key_and_is_not_long(ask):
    found = failure(ask, error(400, f"You sent {KEY}. " + "x" * 5_000))
    assert KEY not in repr(found)
    assert HIDDEN in found.said
    assert len(found.said) < 700
    stopped = found.error(endpoint_of(VENDOR, base_url="http://a.test"))
    assert "http://a.test" in str(stopped)
    assert KEY not in str(stopped)


def test_a_key_that_a_cut_runs_through_is_hidden_before_the_cut():
    found = failure(openai_fails, error(400, "x" * 590 + KEY))
    assert "key-0" not in found.said


@given(
    st.lists(st.text(min_size=8, max_size=40), max_size=3),
    st.text(max_size=60),
    st.text(max_size=60),
)
def test_no_secret_is_left_in_a_text(secrets, before, after):
    for secret in secrets:
        hidden = Secrets(*secrets).hide(before + secret + after)
        if not any(other in HIDDEN or HIDDEN in other for other in secrets):
            assert secret not in hidden
