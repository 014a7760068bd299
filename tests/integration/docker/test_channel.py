"""A channel to a real container."""

import threading

import pytest

from riosim.errors import CommandTimeoutError
from riosim_envs.channel import ChannelLostError, GuestError
from riosim_envs.slot import Slot

pytestmark = pytest.mark.docker


def test_an_answer_carries_what_was_sent_byte_for_byte(slot: Slot) -> None:
    blob = bytes(range(256)) * 20_000
    answer = slot.desktop.channel.request("echo", {"text": "é\u2028"}, blob)
    assert answer.ok == {"text": "é\u2028"}
    assert answer.blob == blob


def test_answers_may_come_in_any_order(slot: Slot) -> None:
    channel = slot.desktop.channel
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        answers[number] = channel.request("hold", {"n": number}, timeout_s=20.0).ok["n"]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        channel.request("release")
    assert answers == {number: number for number in range(5)}


def test_events_arrive_in_order_and_are_acknowledged_after_they_were_taken(slot: Slot) -> None:
    taken: list[int] = []
    slot.inbox.listen(lambda source, event: taken.append(event["data"]["pid"]))
    slot.desktop.channel.request("emit", {"n": 500, "ack": True})
    while slot.desktop.channel.request("acks").ok["n"] < 500:
        pass
    assert taken == list(range(500))
    assert slot.desktop.channel.request("acks").ok["last"] == 499


def test_a_listener_may_make_requests(slot: Slot) -> None:
    answered = threading.Event()

    def on_event(source: str, event: dict[str, object]) -> None:
        slot.desktop.channel.request("echo", {})
        answered.set()

    slot.inbox.listen(on_event)
    slot.desktop.channel.request("emit", {"n": 1})
    assert answered.wait(10.0)


@pytest.mark.parametrize("kind", ["bad_request", "not_found", "failed"])
def test_a_refusal_says_its_kind(slot: Slot, kind: str) -> None:
    with pytest.raises(GuestError, match="as asked") as caught:
        slot.desktop.channel.request("refuse", {"kind": kind})
    assert caught.value.kind == kind


def test_a_guest_that_gave_up_in_time_is_a_timeout(slot: Slot) -> None:
    with pytest.raises(CommandTimeoutError):
        slot.desktop.channel.request("refuse", {"kind": "timeout"})


def test_no_answer_in_time_is_a_timeout_and_a_late_answer_harms_nothing(slot: Slot) -> None:
    channel = slot.desktop.channel
    with pytest.raises(CommandTimeoutError, match=r"did not answer hold within 0\.1 s"):
        channel.request("hold", {}, timeout_s=0.1)
    channel.request("release")  # answers what nobody waits for
    assert channel.request("echo", {"a": 1}).ok == {"a": 1}


def test_a_guest_that_ends_says_so_at_once_and_leaves_its_last_words(slot: Slot) -> None:
    channel = slot.desktop.channel
    channel.request("complain", {"text": "disk on fire"})
    with pytest.raises(ChannelLostError, match="disk on fire") as caught:
        channel.request("exit", {"status": 3})
    assert caught.value.how == "ended"
    with pytest.raises(ChannelLostError, match="disk on fire"):
        channel.request("echo")


def test_a_malformed_frame_ends_the_channel_and_is_kept(slot: Slot) -> None:
    with pytest.raises(ChannelLostError) as caught:
        slot.desktop.channel.request("garbage", {}, b"HTTP/1.1 200 OK\r\n\r\n")
    assert caught.value.how == "malformed"
    assert caught.value.seen.startswith(b"HTTP/1.1")


def test_a_guest_that_reads_no_more_blocks_nobody_for_ever(slot: Slot) -> None:
    channel = slot.desktop.channel
    channel.request("stop_reading")
    with pytest.raises(CommandTimeoutError):
        channel.request("echo", {}, bytes(50_000_000), timeout_s=0.5)
    with pytest.raises(ChannelLostError) as caught:
        channel.request("echo")
    assert caught.value.how == "stalled"


def test_closing_ends_the_container(slot: Slot) -> None:
    desktop = slot.desktop
    desktop.channel.close()
    desktop.channel.close()
    status = slot.engine.client.api.wait(desktop.container_id, timeout=20)
    assert status["StatusCode"] == 0
