"""What the engine asks of a world, wherever it runs."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from riosim.errors import UsageError
from riosim.task.instance import WorldPlan
from riosim.task.setup import Invite, PutMail
from riosim_envs.assets import file_content
from riosim_envs.channel import Answer, GuestError
from riosim_envs.invitations import invitation_mail

__all__ = ["WorldClient"]

Ask = Callable[[str, Mapping[str, Any], float], Answer]


class WorldClient:
    """Methods over `world.*`; ASK sends one operation."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.ca_pem = b""
        self._now: datetime | None = None

    def hello(self) -> Mapping[str, Any]:
        """Greet the world and keep its authority's certificate."""
        facts = self._ask("world.hello", {}, 30.0).ok
        self.ca_pem = str(facts["ca_pem"]).encode()
        return facts

    def reset(self, plan: WorldPlan) -> str:
        """Make the world what the plan says; return its digest.

        Raises:
            UsageError: The plan asks for what a site does not know.
        """
        self._now = plan.now
        try:
            return str(self._ask("world.reset", plan.to_json(), 30.0).ok["digest"])
        except GuestError as exc:
            if exc.kind == "bad_request":
                raise UsageError(f"The task's world is wrong: {exc}") from exc
            raise

    def pending(self) -> tuple[int, int]:
        """Return requests in hand and pages not yet painted."""
        ok = self._ask("world.pending", {}, 10.0).ok
        return int(ok["requests"]), int(ok["pages"])

    def state(self, site: str) -> dict[str, Any]:
        """Return a site's end state; `mail` gives the mailboxes."""
        return dict(json.loads(self._ask("world.state", {"site": site}, 30.0).blob))

    def put_mail(self, mail: PutMail | Invite) -> None:
        """Let a message land in a mailbox."""
        if isinstance(mail, Invite):
            if self._now is None:
                raise UsageError("invitation: the world has no time before its first reset.")
            mail = invitation_mail(mail, now=self._now)
        args = mail.model_dump(by_alias=True, exclude={"word", "attachments"})
        args["attachments"] = [
            {
                "name": item.name,
                "media_type": item.media_type,
                "base64": base64.b64encode(file_content(item.text, item.asset)).decode(),
            }
            for item in mail.attachments
        ]
        self._ask("world.apply", {"verb": "mail", "args": args}, 10.0)
