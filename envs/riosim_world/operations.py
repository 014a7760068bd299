"""The operations of the world, as the host asks for them."""

import json
import sqlite3
import subprocess
import sys
import traceback
from typing import Any

from riosim_world.orders import (
    read_letter,
    read_lookalike,
    read_mailbox,
    read_planted,
    read_reset,
)
from riosim_world.pipe import Answer, Refusal
from riosim_world.services import Services
from riosim_world.world import World

__all__ = ["Operations"]

_MISTAKES = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError,
             ImportError, OSError, AssertionError, sqlite3.Error,
             subprocess.SubprocessError)  # fmt: skip


class Operations:
    """Answers `world.*`."""

    def __init__(self, world: World, services: Services) -> None:
        self._world = world
        self._services = services
        self._known = {
            "world.hello": self._hello,
            "world.reset": self._reset,
            "world.apply": self._apply,
            "world.pending": self._pending,
            "world.state": self._state,
            "world.blob": self._blob,
            "world.digest": self._digest,
        }

    async def __call__(self, op: str, args: dict[str, Any], blob: bytes) -> Answer:
        """Do one operation.

        Raises:
            Refusal: It cannot be done; kind `failed` if by a defect of ours.
        """
        if op not in self._known:
            raise Refusal("not_found", f"No operation is named {op[:80]!r}.")
        try:
            return self._known[op](args)
        except _MISTAKES as error:
            traceback.print_exc(file=sys.stderr)
            raise Refusal("failed", f"{op}: {type(error).__name__}: {error}") from error

    def _hello(self, args: dict[str, Any]) -> Answer:
        sites = {name: list(site.hosts) for name, site in self._world.sites().items()}
        answer: dict[str, Any] = {
            "protocol": 1,
            "ca_pem": self._services.authority.pem,
            "sites": sites,
        }
        answer["ports"] = self._services.ports
        if "sniff" in self._services.ports:
            answer["port"] = self._services.ports["sniff"]  # the one for http and https alike
        return answer, b""

    def _reset(self, args: dict[str, Any]) -> Answer:
        order = read_reset(args)
        self._services.drop_connections()
        self._world.reset(order)
        self._services.web.set_time(order.moment.now)
        return {"digest": self._world.digest()}, b""

    def _apply(self, args: dict[str, Any]) -> Answer:
        verb, given = str(args.get("verb", "")), args.get("args") or {}
        if not isinstance(given, dict):
            raise Refusal("bad_request", "world.apply: args must be an object.")
        if verb == "mail":
            self._deliver(given)
        elif verb == "seed":
            overlay = given.get("overlay")
            if not isinstance(overlay, dict):
                raise Refusal("bad_request", "world.apply seed: overlay must be an object.")
            self._world.add_overlay(str(given.get("site", "")), overlay)
        elif verb == "lookalike":
            self._world.add_lookalike(read_lookalike(given))
        elif verb == "mailbox":
            self._world.mail.add(read_mailbox(given))
        elif verb == "canary":
            self._world.plant(read_planted(given))
        else:
            known = "canary, lookalike, mail, mailbox, seed"
            raise Refusal("bad_request", f"world.apply: no verb is {verb[:40]!r}. Known: {known}.")
        return {}, b""

    def _deliver(self, given: dict[str, Any]) -> None:
        order = read_letter(given)
        if self._world.mail.box(order.to) is None:
            raise Refusal("bad_request", f"mail.to: there is no mailbox {order.to[:100]!r}.")
        self._world.mail.deliver(
            sender=order.sender,
            to=order.to,
            subject=order.subject,
            text=order.text,
            html=order.html,
            reply_to=order.reply_to,
            message_id=order.message_id,
            minutes_ago=order.minutes_ago,
            files=order.files,
        )

    def _pending(self, args: dict[str, Any]) -> Answer:
        return {"requests": self._world.web.requests, "pages": self._world.pages.pending()}, b""

    def _state(self, args: dict[str, Any]) -> Answer:
        text = json.dumps(self._world.state(str(args.get("site", "")))).encode()
        return {"bytes": len(text)}, text  # as a blob: it may be longer than a message

    def _blob(self, args: dict[str, Any]) -> Answer:
        digest = str(args.get("digest", ""))
        data = self._world.witness.blobs.get(digest)
        if data is None:
            raise Refusal("not_found", f"No body with the digest {digest[:80]!r} is kept.")
        return {"bytes": len(data)}, data

    def _digest(self, args: dict[str, Any]) -> Answer:
        return {"digest": self._world.digest()}, b""
