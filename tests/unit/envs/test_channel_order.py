"""An answer is had only once every event before it was taken; nobody waits for ever for that."""

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest

from riosim.errors import CommandTimeoutError
from riosim.wire import encode
from riosim_envs.channel import Channel, ChannelLostError
from tests.support.pipes import pipes

ANSWER = encode({"id": 1, "ok": {"a": 1}})


def event(number: int) -> bytes:
    return encode({"event": {"n": number}})


class SlowTaker:
    """Takes events, but none before the answer that follows them has long been read."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.go_on = threading.Event()
        self.is_busy = threading.Event()

    def __call__(self, one: dict[str, Any]) -> None:
        self.is_busy.set()
        assert self.go_on.wait(10.0)
        self.taken.append(one["n"])


def ask_in_background(channel: Channel, outcome: list[Any], taker: SlowTaker) -> threading.Thread:
    def ask() -> None:
        try:
            answer: Any = channel.request("op", timeout_s=10.0).ok
        except ChannelLostError as exc:
            answer = exc
        outcome.append((answer, list(taker.taken)))

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def until(fact: Callable[[], bool]) -> None:
    pause = threading.Event()
    while not fact():
        pause.wait(0.01)


def test_an_answer_does_not_overtake_the_events_before_it() -> None:
    taker = SlowTaker()
    with pipes(taker) as (channel, reads, writes):
        outcome: list[Any] = []
        asking = ask_in_background(channel, outcome, taker)
        os.read(reads, 2**16)
        os.write(writes, b"".join(map(event, range(50))) + ANSWER)
        assert taker.is_busy.wait(10.0)
        asking.join(0.2)  # as long as it likes: an answer that overtakes is here at once
        assert outcome == []
        taker.go_on.set()
        asking.join(10.0)
    assert outcome == [({"a": 1}, list(range(50)))]


def test_an_answer_waits_for_no_event_that_came_after_it() -> None:
    taken: list[int] = []
    go_on = threading.Event()

    def take(one: dict[str, Any]) -> None:
        if one["n"] == 1:
            assert go_on.wait(10.0)
        taken.append(one["n"])

    with pipes(take) as (channel, reads, writes):

        def guest() -> None:
            os.read(reads, 2**16)
            os.write(writes, event(0) + ANSWER + event(1))

        thread = threading.Thread(target=guest)
        thread.start()
        assert channel.request("op", timeout_s=10.0).ok == {"a": 1}
        assert taken == [0]
        go_on.set()
        thread.join()


def test_a_request_of_the_callback_itself_waits_for_no_event() -> None:
    answers: list[Any] = []

    def take(one: dict[str, Any]) -> None:
        if one["n"] == 0:
            answers.append(channel.request("op", timeout_s=10.0).ok)
        else:
            answers.append(one["n"])

    with pipes(take) as (channel, reads, writes):
        os.write(writes, event(0) + event(1))
        os.read(reads, 2**16)
        os.write(writes, event(2) + ANSWER + event(3))
        until(lambda: len(answers) == 4 or channel.lost is not None)
    assert answers == [{"a": 1}, 1, 2, 3]


def test_callbacks_of_two_channels_may_ask_each_other() -> None:
    answers: list[str] = []
    both_busy = threading.Barrier(2, timeout=10.0)
    channels: dict[str, Channel] = {}

    def asking(own: str, other: str) -> Callable[[dict[str, Any]], None]:
        def take(one: dict[str, Any]) -> None:
            if one["n"] == 0:
                both_busy.wait()
                channels[other].request("op", timeout_s=10.0)
                answers.append(own)

        return take

    with (
        pipes(asking("left", "right")) as (left, left_reads, left_writes),
        pipes(asking("right", "left")) as (right, right_reads, right_writes),
    ):
        channels.update(left=left, right=right)
        for writes in (left_writes, right_writes):
            os.write(writes, event(0))
        for reads, writes in ((left_reads, left_writes), (right_reads, right_writes)):
            os.read(reads, 2**16)
            os.write(writes, event(1) + ANSWER)
        until(lambda: len(answers) == 2 or None not in (left.lost, right.lost))
    assert sorted(answers) == ["left", "right"]


def test_an_answer_stands_although_the_guest_ended_after_it() -> None:
    taker = SlowTaker()
    with pipes(taker) as (channel, reads, writes):
        outcome: list[Any] = []
        asking = ask_in_background(channel, outcome, taker)
        os.read(reads, 2**16)
        os.write(writes, event(0) + ANSWER + b"\xff" * 16)  # malformed: the channel ends
        assert taker.is_busy.wait(10.0)
        until(lambda: channel.lost is not None)
        taker.go_on.set()
        asking.join(10.0)
    assert outcome == [({"a": 1}, [0])]


def test_an_answer_after_an_event_that_could_not_be_taken_is_a_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    go_on = threading.Event()

    def refuse(one: dict[str, Any]) -> None:
        assert go_on.wait(10.0)
        raise ValueError("no such event")

    with pipes(refuse) as (channel, reads, writes):
        outcome: list[Any] = []
        asking = ask_in_background(channel, outcome, SlowTaker())
        os.read(reads, 2**16)
        os.write(writes, event(0) + ANSWER)
        until(lambda: channel._events.qsize() > 0 or bool(outcome))
        go_on.set()
        asking.join(10.0)
    ((loss, _),) = outcome
    assert isinstance(loss, ChannelLostError)
    assert loss.how == "callback"


def test_a_flush_waits_for_what_was_sent_and_minds_no_refusal() -> None:
    taken: list[int] = []
    refusal = encode({"id": 1, "error": {"kind": "failed", "message": "no world"}})
    with pipes(lambda one: taken.append(one["n"])) as (channel, reads, writes):

        def guest() -> None:
            os.read(reads, 2**16)
            os.write(writes, b"".join(map(event, range(100))) + refusal)

        thread = threading.Thread(target=guest)
        thread.start()
        channel.flush("op")
        assert taken == list(range(100))
        thread.join()


def test_a_flush_of_a_lost_channel_waits_for_what_still_came() -> None:
    taker = SlowTaker()
    with pipes(taker) as (channel, reads, writes):
        del reads
        os.write(writes, event(0) + event(1) + b"\xff" * 16)
        until(lambda: channel.lost is not None)
        with pytest.raises(CommandTimeoutError, match="not taken"):
            channel.flush("op", timeout_s=0.01)
        taker.go_on.set()
        channel.flush("op")
        assert taker.taken == [0, 1]
