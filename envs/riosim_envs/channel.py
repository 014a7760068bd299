"""Requests to a guest and events from it, over one stream of bytes.

The guest is the agent's neighbour, so nothing that arrives is trusted: frames are capped, events
that nobody takes are capped, an answer that was not asked for ends the channel, and no call waits
without a limit. Two threads belong to a channel: one reads, one hands events to the callback, which
may itself make requests. An answer is had only once the events that came before it were taken, so
that whoever has it has the evidence for it, too.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

from riosim.clock import Clock, SystemClock
from riosim.errors import CommandTimeoutError, ProtocolError, SandboxError
from riosim.wire import Decoder, WireError, encode
from riosim_envs.stream import ByteStream, StalledError

__all__ = ["Answer", "Channel", "ChannelLostError", "GuestError", "Lost"]

DEFAULT_TIMEOUT_S: Final = 30.0
MAX_PENDING_EVENTS: Final = 200_000
MAX_PENDING_BYTES: Final = 256 * 2**20
_ABANDONED_KEPT: Final = 4_096
_ERROR_KINDS: Final = frozenset({"bad_request", "not_found", "timeout", "failed"})
_JOIN_S: Final = 5.0

Lost = Literal["closed", "ended", "malformed", "flooded", "stalled", "callback"]
"""Why a channel ended: by us, by the other end, by what it sent, or by the callback's error."""


class GuestError(SandboxError):
    """The guest refused a request.

    Attributes:
        op: The operation that was asked for.
        kind: `bad_request`, `not_found` or `failed`.
    """

    def __init__(self, who: str, op: str, kind: str, message: str) -> None:
        super().__init__(f"{who} refused {op} ({kind}): {message[:500]}")
        self.op = op
        self.kind = kind


class ChannelLostError(ProtocolError):
    """The channel has ended; the sandbox behind it is lost.

    Attributes:
        how: Why it ended.
        seen: The first bytes of what could not be understood, if that was it.
        stderr: The last that the other end wrote to its standard error.
    """

    def __init__(self, message: str, *, how: Lost, seen: bytes = b"", stderr: str = "") -> None:
        super().__init__(message)
        self.how = how
        self.seen = seen
        self.stderr = stderr


@dataclass(frozen=True, slots=True)
class Answer:
    """What a guest answered: a JSON object and bytes."""

    ok: dict[str, Any]
    blob: bytes = b""


@dataclass(slots=True)
class _Request:
    op: str
    future: "Future[Answer]"
    may_overtake: bool  # a callback waits for it: no event can be taken before

    def settle(self, outcome: "Answer | SandboxError") -> None:
        """Give the outcome to whoever waits, unless the loss of the channel came first."""
        with suppress(InvalidStateError):
            if isinstance(outcome, Answer):
                self.future.set_result(outcome)
            else:
                self.future.set_exception(outcome)


@dataclass(frozen=True, slots=True)
class _Held:
    """An answer that waits, among the events, for those before it."""

    request: _Request
    outcome: "Answer | SandboxError"


class _Herald(threading.Thread):
    """The thread that hands one channel's events over."""


class Channel:
    """One guest's requests, answers, events and acknowledgements; safe to use from any thread.

    `on_event` gets each event's object in the order of emission, on a thread of its own; once it
    has returned, an event that asks for it is acknowledged. An error that it raises ends the
    channel, because unrecorded evidence must not pass for recorded.

    `request` returns after every event that the guest sent before its answer was taken. Only what
    the callback itself asks, of this or another channel, waits for no event, because it could
    never come.
    """

    def __init__(
        self,
        stream: ByteStream,
        *,
        name: str,
        on_event: Callable[[dict[str, Any]], None],
        clock: Clock | None = None,
        max_pending_events: int = MAX_PENDING_EVENTS,
    ) -> None:
        self.name = name
        self._max_pending_events = max_pending_events
        self._stream = stream
        self._on_event = on_event
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._pending: dict[int, _Request] = {}
        self._abandoned: deque[int] = deque(maxlen=_ABANDONED_KEPT)
        self._next_id = 1
        self._loss: ChannelLostError | None = None
        self._events: queue.SimpleQueue[dict[str, Any] | _Held | None] = queue.SimpleQueue()
        self._n_received = 0  # events; counted by the reader
        self._n_taken = 0  # by the callback; counted by the herald
        self._unheard_bytes = 0  # received since the last moment without an event in waiting
        self._reader = threading.Thread(target=self._read, name=f"{name}-reader", daemon=True)
        self._herald = _Herald(target=self._deliver, name=f"{name}-events", daemon=True)
        self._reader.start()
        self._herald.start()

    @property
    def lost(self) -> ChannelLostError | None:
        """Why the channel has ended, or None while it lives."""
        return self._loss

    def stderr_tail(self) -> str:
        """Return the last of the guest's standard error, made printable."""
        text = self._stream.stderr_tail().decode("utf-8", "replace")
        return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)

    def request(
        self,
        op: str,
        args: dict[str, Any] | None = None,
        blob: bytes = b"",
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> Answer:
        """Ask for OP and wait for its answer, and until the events before it were taken.

        Raises:
            GuestError: The guest refused; `kind` says how.
            CommandTimeoutError: No answer in time, or the guest gave up on it in time.
            ChannelLostError: The channel has ended, before or meanwhile.
            WireError: The request is larger than the protocol allows.
        """
        deadline = self._clock.monotonic() + timeout_s
        number, future = self._register(op)
        try:
            frame = encode({"id": number, "op": op, "args": args or {}}, blob)
            self._send(frame, deadline)
            return future.result(timeout=max(0.0, deadline - self._clock.monotonic()))
        except (FutureTimeoutError, StalledError) as exc:
            raise CommandTimeoutError(
                f"{self.name} did not answer {op} within {timeout_s:g} s. "
                f"The last of its standard error: {self.stderr_tail()[-200:]!r}."
            ) from exc
        finally:
            self._forget(number)

    def flush(self, op: str, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        """Return once every event that the guest has sent so far was taken.

        Asks for OP, which should have no effect, and minds no refusal. On a channel that has ended
        what still came is waited for.

        Raises:
            CommandTimeoutError: The guest does not answer, or its events are not taken, in time.
        """
        try:
            self.request(op, timeout_s=timeout_s)
        except GuestError:
            return
        except ChannelLostError as exc:
            if not self.wait_lost(timeout_s):
                raise CommandTimeoutError(
                    f"What {self.name} still sent was not taken within {timeout_s:g} s."
                ) from exc

    def close(self) -> None:
        """End the channel and its threads; what is in flight fails. A second call does nothing."""
        self._end("closed", "it was closed")
        for thread in (self._reader, self._herald):
            if thread is not threading.current_thread():
                thread.join(_JOIN_S)

    def wait_lost(self, timeout_s: float) -> bool:
        """Wait until the other end is gone and all its events were handed over; whether it is."""
        deadline = self._clock.monotonic() + timeout_s
        for thread in (self._reader, self._herald):
            thread.join(max(0.0, deadline - self._clock.monotonic()))
        return not self._reader.is_alive() and not self._herald.is_alive()

    # requests

    def _register(self, op: str) -> "tuple[int, Future[Answer]]":
        future: Future[Answer] = Future()
        with self._lock:
            if self._loss is not None:
                raise self._again(self._loss)
            number = self._next_id
            self._next_id += 1
            may_overtake = isinstance(threading.current_thread(), _Herald)
            self._pending[number] = _Request(op, future, may_overtake)
        return number, future

    def _forget(self, number: int) -> None:
        with self._lock:
            if self._pending.pop(number, None) is not None:
                self._abandoned.append(number)

    def _send(self, frame: bytes, deadline: float) -> None:
        try:
            self._stream.send(frame, deadline=deadline, clock=self._clock)
        except StalledError as exc:
            if exc.sent:  # half a frame is out: nothing after it can be understood
                self._end("stalled", f"it stopped reading: {exc}")
            raise
        except OSError as exc:
            self._reader.join(_JOIN_S)  # it knows better why
            self._end("ended", f"writing failed: {exc}")
            if self._loss is not None:
                raise self._again(self._loss) from exc

    # what arrives

    def _read(self) -> None:
        decoder = Decoder()
        try:
            while data := self._stream.receive():
                self._unheard_bytes += len(data)
                for message, blob in decoder.feed(data):
                    self._unheard_bytes -= len(blob)
                    self._take(message, blob)
        except WireError as exc:
            self._end("malformed", str(exc), exc.seen)
        else:
            self._end("ended", "it ended")
        finally:
            self._events.put(None)

    def _take(self, message: dict[str, Any], blob: bytes) -> None:
        if "event" in message:
            self._take_event(message)
            return
        number = message.get("id")
        with self._lock:
            request = self._pending.pop(number, None) if isinstance(number, int) else None
            if request is None and number not in self._abandoned and self._loss is None:
                raise WireError("An answer to no request.", repr(message)[:200].encode())
        if request is not None:
            self._settle(request, message, blob)

    def _take_event(self, message: dict[str, Any]) -> None:
        if not isinstance(message["event"], dict) or not isinstance(message.get("ack", 0), int):
            raise WireError("An event is not an object.", repr(message)[:200].encode())
        n_waiting = self._events.qsize()
        if n_waiting == 0:
            self._unheard_bytes = 0
        if n_waiting >= self._max_pending_events or self._unheard_bytes > MAX_PENDING_BYTES:
            self._end("flooded", f"it sent {n_waiting} events that nobody took yet")
            return
        self._n_received += 1
        self._events.put(message)

    def _settle(self, request: _Request, message: dict[str, Any], blob: bytes) -> None:
        ok, error = message.get("ok"), message.get("error")
        outcome: Answer | SandboxError
        if isinstance(ok, dict) and error is None:
            outcome = Answer(ok, blob)
        elif isinstance(error, dict) and error.get("kind") in _ERROR_KINDS and ok is None:
            outcome = _refusal(self.name, request.op, error)
        else:
            with self._lock:  # so that the loss finds it
                self._pending[message["id"]] = request
            raise WireError("An answer is neither ok nor an error.", repr(message)[:200].encode())
        if request.may_overtake or self._n_taken == self._n_received:
            request.settle(outcome)
        else:
            self._events.put(_Held(request, outcome))

    def _deliver(self) -> None:
        try:
            while (item := self._events.get()) is not None:
                if isinstance(item, _Held):
                    item.request.settle(item.outcome)
                else:
                    self._hand_over(item)
        except BaseException:
            self._end("callback", "taking an event failed on the host")
            self._fail_what_is_held()
            raise

    def _hand_over(self, message: dict[str, Any]) -> None:
        self._on_event(message["event"])
        self._n_taken += 1
        if "ack" in message:
            self._acknowledge(message["ack"])

    def _fail_what_is_held(self) -> None:
        """Fail every answer that an event before it keeps back; none of those will be taken."""
        while (item := self._events.get()) is not None:
            if isinstance(item, _Held) and self._loss is not None:
                item.request.settle(self._again(self._loss))

    def _acknowledge(self, number: object) -> None:
        frame = encode({"ack": number})
        deadline = self._clock.monotonic() + DEFAULT_TIMEOUT_S
        try:
            self._send(frame, deadline)
        except StalledError as exc:
            self._end("stalled", f"it stopped reading: {exc}")
        except ChannelLostError:
            return  # what waits for the acknowledgement is gone, too

    # the end

    def _end(self, how: Lost, why: str, seen: bytes = b"") -> None:
        """Fail what is pending and close the stream; only the first reason is kept."""
        with self._lock:
            if self._loss is None:
                self._loss = self._describe(how, why, seen)
            pending, self._pending = list(self._pending.values()), {}
            loss = self._loss
        for request in pending:
            request.settle(self._again(loss))
        self._stream.close()

    def _describe(self, how: Lost, why: str, seen: bytes) -> ChannelLostError:
        stderr = self.stderr_tail()
        parts = [f"The channel to {self.name} is lost: {why}."]
        if seen:
            parts.append(f"First bytes: {seen!r}.")
        if stderr:
            parts.append(f"The last of its standard error: {stderr[-200:]!r}.")
        return ChannelLostError(" ".join(parts), how=how, seen=seen, stderr=stderr)

    @staticmethod
    def _again(loss: ChannelLostError) -> ChannelLostError:
        """Return a fresh copy, because one exception object is not for two threads."""
        return ChannelLostError(str(loss), how=loss.how, seen=loss.seen, stderr=loss.stderr)


def _refusal(who: str, op: str, error: dict[str, Any]) -> SandboxError:
    kind, message = str(error["kind"]), str(error.get("message", ""))
    if kind == "timeout":
        return CommandTimeoutError(f"{who} gave up on {op} in time: {message[:500]}")
    return GuestError(who, op, kind, message)
