"""Whatever the other end sends, a channel answers or ends with an error of ours, and in time."""

import json
import os
import struct
import threading
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riosim.errors import CommandTimeoutError, SandboxError
from riosim.wire import MAX_BLOB_BYTES, MAX_JSON_BYTES, Decoder, encode
from riosim_envs.channel import Channel, ChannelLostError
from riosim_envs.stream import PipeStream
from tests.support.pipes import pipes

_SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
messages = st.dictionaries(
    st.sampled_from(["id", "ok", "error", "event", "ack", "op", "x"]), json_values, max_size=5
)


def answered_with(data: bytes, *, then_end: bool = True) -> SandboxError | dict[str, Any]:
    """Return what a request comes to whose answer is DATA."""
    to_guest_r, to_guest_w = os.pipe()
    from_guest_r, from_guest_w = os.pipe()
    channel = Channel(
        PipeStream(from_guest_r, to_guest_w), name="guest", on_event=lambda event: None
    )

    def guest() -> None:
        os.read(to_guest_r, 2**16)
        with suppress(BrokenPipeError):
            os.write(from_guest_w, data)
        if then_end:
            os.close(from_guest_w)

    thread = threading.Thread(target=guest)
    thread.start()
    try:
        return channel.request("op", timeout_s=5.0).ok
    except SandboxError as exc:
        return exc
    finally:
        thread.join()
        channel.close()
        os.close(to_guest_r)
        if not then_end:
            os.close(from_guest_w)


@_SETTINGS
@given(st.binary(max_size=400))
def test_any_bytes_end_the_channel_and_nothing_else(data: bytes) -> None:
    assert isinstance(answered_with(data), ChannelLostError)


@_SETTINGS
@given(st.lists(messages, max_size=4))
def test_any_messages_answer_the_request_or_end_the_channel(sent: list[dict[str, Any]]) -> None:
    outcome = answered_with(b"".join(encode(message) for message in sent))
    if isinstance(outcome, dict):
        assert any(message.get("ok") == outcome for message in sent)
    elif not isinstance(outcome, ChannelLostError):
        assert any("error" in message for message in sent)


@_SETTINGS
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_no_length_makes_the_host_wait_or_allocate(n_json: int, n_blob: int) -> None:
    outcome = answered_with(struct.pack(">II", n_json, n_blob) + b"{}")
    assert isinstance(outcome, ChannelLostError)
    if n_json > MAX_JSON_BYTES or n_blob > MAX_BLOB_BYTES:
        assert outcome.how == "malformed"
        assert outcome.seen[:4] == struct.pack(">I", n_json)


@_SETTINGS
@given(json_values, st.binary(max_size=200), st.integers(1, 50))
def test_an_answer_survives_any_cut(ok: Any, blob: bytes, cut: int) -> None:
    frame = encode({"id": 1, "ok": {"value": ok}}, blob)
    with pipes() as (channel, reads, writes):

        def guest() -> None:
            os.read(reads, 2**16)
            for start in range(0, len(frame), cut):
                os.write(writes, frame[start : start + cut])

        thread = threading.Thread(target=guest)
        thread.start()
        answer = channel.request("op", timeout_s=10.0)
        thread.join()
    assert answer.ok == json.loads(json.dumps({"value": ok}))
    assert answer.blob == blob


def test_a_deeply_nested_object_is_malformed() -> None:
    text = b'{"id":1,"ok":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    outcome = answered_with(struct.pack(">II", len(text), 0) + text)
    assert isinstance(outcome, ChannelLostError)
    assert outcome.how == "malformed"


def test_an_answer_to_no_request_ends_the_channel() -> None:
    outcome = answered_with(encode({"id": 77, "ok": {}}), then_end=False)
    assert isinstance(outcome, ChannelLostError)
    assert outcome.how == "malformed"


def test_silence_is_a_timeout() -> None:
    with pipes() as (channel, _, _), pytest.raises(CommandTimeoutError):
        channel.request("op", timeout_s=0.05)


def test_an_end_while_a_request_waits_is_told_at_once() -> None:
    outcome = answered_with(b"")
    assert isinstance(outcome, ChannelLostError)
    assert outcome.how == "ended"


def test_closing_fails_the_request_in_flight() -> None:
    with pipes() as (channel, reads, _):
        failed: list[SandboxError] = []

        def ask() -> None:
            try:
                channel.request("op", timeout_s=30.0)
            except SandboxError as exc:
                failed.append(exc)

        thread = threading.Thread(target=ask)
        thread.start()
        os.read(reads, 2**16)  # it is under way
        channel.close()
        thread.join(5.0)
    assert isinstance(failed[0], ChannelLostError)
    assert failed[0].how == "closed"


def test_an_event_that_cannot_be_taken_ends_the_channel_and_is_not_acknowledged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda args: None)

    def refuse(event: dict[str, Any]) -> None:
        raise ValueError("no such event")

    with pipes(refuse) as (channel, reads, writes):
        os.write(writes, encode({"event": {"kind": "x"}, "ack": 5}))
        assert channel.wait_lost(5.0)
        assert channel.lost is not None
        assert channel.lost.how == "callback"
        os.set_blocking(reads, False)
        assert list(Decoder().feed(os.read(reads, 2**16))) == []


def test_a_flood_of_events_ends_the_channel() -> None:
    go_on = threading.Event()
    with pipes(lambda event: go_on.wait(10.0), max_pending_events=100) as (channel, _, writes):
        with suppress(BrokenPipeError):  # it may end before the last of them
            for _ in range(120):
                os.write(writes, encode({"event": {"kind": "x"}}))
        with pytest.raises(ChannelLostError) as caught:
            channel.request("op", timeout_s=5.0)
        go_on.set()
    assert caught.value.how == "flooded"
