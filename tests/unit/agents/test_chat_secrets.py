"""A key is sent to the server it is meant for, and is found nowhere else."""

import json
import logging
import os
import pickle

import openai._base_client
import pytest

from riosim.action import Finish, TypeText
from riosim.errors import ModelError, UsageError
from riosim_agents.chat import ChatAgent
from riosim_agents.completions.client import OPENAI
from riosim_agents.model.model_api import endpoint_of
from riosim_agents.model.secret import HIDDEN, Secrets
from tests.support.model_server.chat_play import SCREEN, played, screen, the_chat
from tests.support.model_server.chat_replies import completion, error, message, say, script_of
from tests.support.model_server.server import ModelServer, Reply

KEY = "sk-proj-Zk4/very+secret=key-0123456789"
GOOD = say(Finish(), screen=SCREEN, number=1)


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    for name in list(os.environ):
        if name.startswith("OPENAI_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MY_KEY", KEY)
    monkeypatch.setattr(openai._base_client, "INITIAL_RETRY_DELAY", 0.001)


def authorization(request):
    return request.headers.get("authorization")


def test_the_key_is_sent_to_the_server_it_was_named_for():
    _, (request,) = played([GOOD], 1, api_key_env="MY_KEY")
    assert authorization(request) == f"Bearer {KEY}"


def test_the_vendors_key_is_sent_to_no_other_server(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    _, (request,) = played([GOOD], 1)
    assert authorization(request) == "Bearer none"


def test_the_vendors_own_address_takes_the_vendors_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    endpoint = endpoint_of(OPENAI)
    assert (endpoint.base_url, endpoint.api_key) == ("https://api.openai.com/v1", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://gateway.test/v1/")
    endpoint = endpoint_of(OPENAI)
    assert (endpoint.base_url, endpoint.api_key) == ("http://gateway.test/v1", KEY)
    monkeypatch.delenv("OPENAI_API_KEY")
    assert endpoint_of(OPENAI).api_key == ""


def test_a_vendors_own_address_without_a_key_is_told_at_once():
    with pytest.raises(UsageError, match="OPENAI_API_KEY is not set"):
        ChatAgent(model="testmodel")


def echoing(request):
    """Answer with an error that holds the key."""
    sent = authorization(request)
    return error(401, f"Wrong key: {sent} (also {sent[7:40]}…), in {json.dumps(sent)}.")


ECHOES = {
    "401": echoing,
    "500": lambda request: error(500, f"Failed for {authorization(request)}"),
    "html": lambda request: Reply(f"<p>{authorization(request)}</p>".encode()),
    "error in 200": lambda request: Reply({"error": {"message": authorization(request)}}),
    "no choices": lambda request: Reply({"you_sent": authorization(request)}),
    "header": lambda request: error(401, "No.", www_authenticate=authorization(request)),
}


@pytest.mark.parametrize("script", ECHOES.values(), ids=ECHOES.keys())
def test_a_server_that_echoes_the_key_puts_it_into_no_error_and_no_log(script, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx", "httpx2", "httpcore", "httpcore2"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    with the_chat(script, api_key_env="MY_KEY", max_retries=1) as (agent, _):
        with pytest.raises(ModelError) as caught:
            agent.act(screen())
    shown = "".join([str(caught.value), repr(caught.value), repr(caught.value.__dict__)])
    assert caught.value.__context__ is None
    assert KEY not in shown
    assert KEY[:20] not in shown
    # The transport's own debug log, off unless asked for, holds the headers of answers.
    is_in_header = script is ECHOES["header"]
    ours = [r for r in caplog.records if not (is_in_header and r.name.startswith("httpcore"))]
    assert len(ours) > 3
    assert KEY not in "".join(record.getMessage() for record in ours)


def test_a_server_that_echoes_the_key_cannot_make_the_agent_type_it():
    def script(request):
        said = {"kind": "type_text", "text": authorization(request)}
        return completion(
            message(json.dumps(said), reasoning=authorization(request)),
            model=authorization(request),
        )

    (decision,), _ = played(script, 1, api_key_env="MY_KEY")
    assert decision.action == TypeText(text=f"Bearer {HIDDEN}")
    assert KEY not in repr(decision)
    assert KEY not in json.dumps(decision.extra)
    assert HIDDEN in decision.thought


def test_a_secret_header_is_hidden_like_a_key():
    value = "Bearer team-abcdef-123456"

    def script(request):
        sent = request.headers["x-team-token"]
        return completion(message(f"You sent {sent}, that is {sent[7:]}"))

    (decision,), _ = played(script, 1, headers={"x-team-token": value})
    assert "abcdef" not in repr(decision)


def test_a_plain_header_is_no_secret_and_may_be_typed():
    typed = TypeText(text="production")
    script = [say(typed, screen=SCREEN, number=1)]
    assert played(script, 1, headers={"x-stage": "production"})[0][0].action == typed


def test_an_agent_shows_no_key_of_itself():
    with ModelServer([GOOD]) as server:
        agent = ChatAgent(model="testmodel", base_url=server.url, api_key_env="MY_KEY")
        seen = repr(agent) + repr(agent._endpoint) + repr(agent._endpoint.secrets)
        agent.close()
    assert KEY not in seen
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(agent)


def test_the_log_of_a_good_answer_holds_no_key(caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("openai").setLevel(logging.DEBUG)
    decisions, _ = played(script_of(Finish(), screen=SCREEN), 1, api_key_env="MY_KEY")
    assert decisions[0].action == Finish()
    assert KEY not in caplog.text
    assert "HTTP" in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"a{KEY}b",
        KEY[:20],
        f"{KEY[:25]}****",
        "sk-proj-Zk4%2Fvery%2Bsecret%3Dkey-0123456789",
    ],
)
def test_whatever_form_a_key_has_it_is_hidden(text):
    hidden = Secrets(KEY).hide(f"said: {text}.")
    assert HIDDEN in hidden
    assert "very" not in hidden


def test_what_stands_around_a_key_stays():
    assert Secrets(KEY).hide(f"a {KEY} b {KEY}c") == f"a {HIDDEN} b {HIDDEN}c"
    assert Secrets("EMPTY", "").hide("The cart is EMPTY") == "The cart is EMPTY"


def test_a_key_is_hidden_wherever_it_is_in_an_object():
    thing = {"a": [KEY, {"b": (f"x{KEY}", 1, None, True)}], KEY: 2.5}
    hidden = Secrets(KEY).hide_in(thing)
    assert hidden == {"a": [HIDDEN, {"b": [f"x{HIDDEN}", 1, None, True]}], HIDDEN: 2.5}
