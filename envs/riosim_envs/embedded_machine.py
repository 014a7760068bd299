"""One episode in the embedded sandbox: a fresh browser context before the world's sites."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from riosim.checks.case import Probe, SiteProbe
from riosim.controller import Controller
from riosim.errors import RiosimError, UsageError
from riosim.sandbox import Loss
from riosim.task.setup import Invite, PutMail, SetupStep
from riosim_envs.browser_controller import BrowserController
from riosim_envs.browser_setup import BrowserSetup
from riosim_envs.channel import Channel
from riosim_envs.evidence_feed import EvidenceFeed
from riosim_envs.world_client import WorldClient

__all__ = ["EmbeddedMachine"]

_SETTLE_S: Final = 5.0


class EmbeddedMachine:
    """A browser context and the world behind it."""

    user_uid = 1000

    def __init__(
        self,
        controller: BrowserController,
        world: WorldClient,
        channel: Channel,
        feed: EvidenceFeed,
        *,
        addresses: Mapping[str, str],
        facts: Mapping[str, Any],
        on_close: Callable[[], None],
    ) -> None:
        self.controller: Controller = controller
        self._setup = BrowserSetup(controller, addresses, otherwise=self._apply_otherwise)
        self._world = world
        self._channel = channel
        self._feed = feed
        self._facts = facts
        self._on_close = on_close
        self._closed = False

    def apply(self, step: SetupStep) -> None:
        """Load a page or put a mail into a mailbox; the rest needs a desktop."""
        self._feed.applying = True
        try:
            self._setup.apply(step)
        finally:
            self._feed.applying = False

    def _apply_otherwise(self, step: SetupStep) -> None:
        if not isinstance(step, PutMail | Invite):
            raise UsageError(
                f"The embedded sandbox cannot {step.word}: it has no desktop. Use --sandbox docker."
            )
        self._world.put_mail(step)
        self.controller.settle(_SETTLE_S)  # a page may tell of it

    def probe(self, probe: Probe) -> Any:
        """Return a site's state; there are no files here."""
        return self._world.state(probe.site) if isinstance(probe, SiteProbe) else None

    def flush(self) -> None:
        """Wait until all evidence that the world has sent so far was emitted."""
        self._channel.flush("world.pending")

    def facts(self) -> Mapping[str, Any]:
        """Return versions and timings."""
        return self._facts

    def loss(self) -> Loss | None:
        """Return why the world is gone; an agent has no means to cause that here."""
        if self._channel.lost is None:
            return None
        return Loss(f"the world ended: {self._channel.lost.how}", by_agent=False)

    def close(self) -> None:
        """Close the browser context."""
        if self._closed:
            return
        self._closed = True
        try:
            self._on_close()
        except RiosimError:
            return  # it is gone already
