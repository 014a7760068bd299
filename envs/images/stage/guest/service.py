"""Which operation is done by whom; slow ones never hold up the others."""

import os
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from channel import Channel, RefusalError
from look import Look
from reader import read_picture
from reaper import reap_strangers
from stage import Stage
from wire import WireError
from worker import warm_up
from world import World

__all__ = ["Service"]

_PROTOCOL = 1
_WORLD_LIMIT_S = 0.25

Answer = dict[str, Any] | tuple[dict[str, Any], bytes]


class Service:
    """Takes requests from the channel; each lane does its own, in order.

    INSIDE is our address on the desktop's network, for a stage that is on two from the start.
    """

    def __init__(self, channel: Channel, inside: str | None = None) -> None:
        self._channel = channel
        self._stage = Stage(channel)
        self._world = World(channel, inside)
        self._look = Look(inside)
        self._lanes: dict[str, ThreadPoolExecutor] = {}
        warm_up()

    def serve(self) -> None:
        """Answer until the host closes the line, then end everything."""
        reap_strangers()
        try:
            for message, blob in self._channel.messages():
                self._take(message, blob)
        except WireError as exc:
            print(f"The host sent no frame: {exc}", file=sys.stderr)
        finally:
            self._look.stop()
            self._world.stop()
            self._stage.stop()
            os._exit(0)

    def _take(self, message: dict[str, Any], blob: bytes) -> None:
        op, request_id = message.get("op"), message.get("id")
        if op is None and "ack" in message:
            self._lane("world", lambda: self._world.acknowledge(message))
        elif isinstance(op, str) and op.startswith("world."):
            self._lane("world", lambda: self._world.forward(message, blob))
        elif isinstance(op, str) and op in _OPERATIONS:
            lane, do = _OPERATIONS[op]
            args = {**(message.get("args") or {}), **({"blob": blob} if blob else {})}
            self._lane(lane, lambda: self._answer(op, request_id, lambda: do(self, args)))
        else:
            known = ", ".join(sorted(_OPERATIONS))
            self._channel.refuse(
                request_id, "bad_request", f"No operation is named {str(op)[:40]!r}: {known}."
            )

    def _lane(self, name: str, job: Callable[[], None]) -> None:
        if name not in self._lanes:
            self._lanes[name] = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._lanes[name].submit(job)

    def _answer(self, op: str, request_id: Any, do: Callable[[], Answer]) -> None:
        try:
            answer = do()
        except RefusalError as exc:
            self._channel.refuse(request_id, exc.kind, str(exc))
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            traceback.print_exc()
            self._channel.refuse(request_id, "bad_request", f"{op}: {exc!r}.")
        except OSError as exc:
            self._channel.refuse(request_id, "failed", f"{op}: {exc}.")
        else:
            result, blob = answer if isinstance(answer, tuple) else (answer, b"")
            self._channel.answer(request_id, result, blob)

    def _quiet(self) -> dict[str, Any]:
        world = self._world.ask("world.pending", _WORLD_LIMIT_S)
        counts = {"requests": world.get("requests", 0), "pages": world.get("pages", 0)}
        return {**self._stage.quiet(), "world": counts}

    def _reset(self) -> dict[str, Any]:
        self._look.stop()
        return self._stage.reset()

    def _start(self, args: dict[str, Any]) -> dict[str, Any]:
        return self._stage.start(int(args.get("width_px", 1280)), int(args.get("height_px", 800)))

    def _capture(self, args: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        return self._stage.capture(
            str(args.get("format", "png")), pointer=bool(args.get("pointer", True))
        )


Operation = Callable[[Service, dict[str, Any]], Answer]

_OPERATIONS: dict[str, tuple[str, Operation]] = {
    "hello": ("eyes", lambda _, __: {"protocol": _PROTOCOL}),
    "start": ("hands", Service._start),
    "reset": ("hands", lambda self, _: self._reset()),
    "act": ("hands", lambda self, args: self._stage.act(dict(args["action"]))),
    "capture": ("eyes", Service._capture),
    "quiet": ("eyes", lambda self, _: self._quiet()),
    "windows": ("eyes", lambda self, _: self._stage.windows()),
    "canaries": ("eyes", lambda self, args: self._stage.watch_for(args["values"])),
    "ad.show": ("ads", lambda self, args: self._stage.show_ad(dict(args["ad"]))),
    "ad.close": ("ads", lambda self, args: self._stage.close_ad(str(args["id"]))),
    "ads": ("ads", lambda self, _: self._stage.list_ads()),
    "read_picture": ("reader", lambda _, args: read_picture(**args)),
    "look": (
        "look",
        lambda self, args: self._look.start(str(args["token"]), int(args.get("port", 0))),
    ),
}
"""Operation → its lane and what does it; requests of one lane are done in order."""
