"""The world itself: which copy answers for which host, mailboxes, and exact reset."""

import hashlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from riosim_world.copies import Copy, CopyPlan, Moment, Pristines
from riosim_world.dispatch import Dispatcher
from riosim_world.live_pages import LivePages
from riosim_world.mail_evidence import MailEvidence
from riosim_world.mail_watch import MailWatch
from riosim_world.mailbox import MailStore
from riosim_world.orders import LookalikeOrder, ResetOrder
from riosim_world.pipe import Refusal
from riosim_world.repository import Push
from riosim_world.room import Room
from riosim_world.site import Owner, Site
from riosim_world.sites import PARKED, SITES, load_site
from riosim_world.witness import Place, Planted, Witness

__all__ = ["World"]

_BEFORE_RESET = Moment(0, datetime(2026, 1, 5, 9, 0, tzinfo=UTC))


class World:
    """All hosts, their state, and the mail; knows no socket."""

    def __init__(
        self, witness: Witness, folder: Path, *, sites: Mapping[str, Site] | None = None
    ) -> None:
        self.witness = witness
        self.pages = LivePages(time.monotonic)
        self.web = Dispatcher(self.find, witness, self.pages)
        self.mail = MailStore(folder / "mail", emit=witness.emit)
        self.mail.on_sent = MailEvidence(witness).note
        self.mail_watch = MailWatch(self.mail, witness.emit)
        self.moment = _BEFORE_RESET
        self._folder = folder
        self._sites = sites
        self._pristines = Pristines()
        self._room = Room()
        self._copies: dict[str, Copy] = {}
        self._hosts: dict[str, Copy] = {}
        self._parked = self._copy(self._plan_of("parked", load_site(PARKED), {}))
        self._is_set_up = False

    # --- who answers

    def sites(self) -> Mapping[str, Site]:
        """Return the genuine and attacker's own sites by name; imports them."""
        if self._sites is None:
            self._sites = {name: load_site(module) for name, module in SITES.items()}
        return self._sites

    def find(self, host: str) -> Copy:
        """Return the copy that answers for a host; the parked one for unknown hosts."""
        self._set_up()
        copy = self._hosts.get(host) or self._hosts.get(host.removeprefix("www."))
        return copy or self._parked

    def copy(self, name: str) -> Copy:
        """Return the copy of this name.

        Raises:
            Refusal: There is none.
        """
        self._set_up()
        if name not in self._copies:
            known = ", ".join(sorted(self._copies))
            raise Refusal("not_found", f"No site is named {name[:80]!r}. Known: {known}, mail.")
        return self._copies[name]

    # --- reset

    def reset(self, order: ResetOrder) -> None:
        """Throw everything away and begin anew.

        Raises:
            Refusal: A site refuses its overlay or look; the world is then as good as new,
                without any overlay.
        """
        self.moment = order.moment
        self.witness.reset(order.planted)
        self.pages.reset(str(order.moment.seed))
        self._close_copies()
        try:
            self.mail.reset(order.mailboxes, now=order.moment.now)
            self.mail_watch.reset()
            self._plan(order)
        except ValueError as error:
            self._close_copies()
            self.mail.reset([], now=order.moment.now)
            raise Refusal("bad_request", f"world.reset: {error}") from error

    def digest(self) -> str:
        """Return the SHA-256 of the whole state: every copy and the mailboxes."""
        self._set_up()
        total = hashlib.sha256(self.mail.digest().encode())
        for name, copy in sorted(self._copies.items()):
            total.update(f"{name}\0{copy.digest()}\n".encode())
        return total.hexdigest()

    def state(self, name: str) -> dict[str, Any]:
        """Return the end state of a copy, or of the mailboxes (`mail`)."""
        return self.mail.state() if name == "mail" else self.copy(name).state()

    def close(self) -> None:
        """Close all databases."""
        self._close_copies()
        self._parked.close()
        self._pristines.close()

    # --- while an episode runs

    def add_lookalike(self, order: LookalikeOrder) -> None:
        """Serve one more look-alike.

        Raises:
            Refusal: Its site is unknown, its name or host is taken, or its look is wrong.
        """
        self._set_up()
        try:
            self._add_lookalike(order, {})
        except ValueError as error:
            raise Refusal("bad_request", f"lookalike {order.name}: {error}") from error

    def add_overlay(self, name: str, overlay: Mapping[str, Any]) -> None:
        """Give a copy what a task adds; lists grow, other values are replaced.

        A copy in which something has changed already takes it only if its site has `seed_more`.

        Raises:
            Refusal: The site refuses it.
        """
        old = self.copy(name)
        plan = old.plan
        merged = CopyPlan(
            plan.name, plan.site, plan.owner, plan.hosts, _merged(plan.overlay, overlay), plan.look
        )
        try:
            if old.is_touched():
                old.seed_more(overlay)
                return
            new = self._copy(merged)
            new.prepare()
        except ValueError as error:
            raise Refusal("bad_request", f"seed of {name}: {error}") from error
        old.close()
        self._serve(new, replace=True)

    def plant(self, planted: Planted) -> None:
        """Watch for one more value."""
        self.witness.plant(planted)

    def note_noise(self, data: bytes, scheme: str) -> None:
        """Note bytes that reached a web port and are no request."""
        body = self.witness.blobs.put(data)
        own: dict[str, Any] = {"site": "parked", "owner": "parked", "host": "invalid"}
        self.witness.emit(
            "http.request",
            {
                **own,
                "scheme": scheme,
                "method": "INVALID",
                "path": "",
                "query": {},
                "status": 400,
                "form": {},
                "files": [],
                "body_digest": body,
                "body_bytes": len(data),
                "canaries": self.witness.hits([("", data)], Place()),
                "background": False,
            },
        )

    # --- inside

    def _set_up(self) -> None:
        if not self._is_set_up:
            self._plan(ResetOrder(self.moment, (), {}, (), ()))

    def _plan(self, order: ResetOrder) -> None:
        sites = self.sites()
        looks = {look.name for look in order.lookalikes}
        for name in order.overlay:
            if name not in sites and name not in looks:
                known = ", ".join(sorted({*sites, *looks}))
                raise ValueError(f"overlay: no site is named {name!r}. Known: {known}.")
        for name, site in sites.items():
            overlay = order.overlay.get(name, {})
            copy = self._copy(self._plan_of(name, site, overlay))
            self._serve(copy)
            if overlay or copy.seeds_mail:
                _prepare(copy)
        for look in order.lookalikes:
            self._add_lookalike(look, order.overlay)
        self._is_set_up = True

    def _add_lookalike(
        self, order: LookalikeOrder, overlay: Mapping[str, Mapping[str, Any]]
    ) -> None:
        sites = self.sites()
        if order.site not in sites:
            raise ValueError(f"lookalikes.{order.name}: no site is named {order.site!r}.")
        mixed = _merged(overlay.get(order.site, {}), overlay.get(order.name, {}))
        plan = CopyPlan(order.name, sites[order.site], "attacker", (order.host,), mixed, order.look)
        copy = self._copy(plan)
        self._serve(copy)
        _prepare(copy, with_mail=False)

    def _serve(self, copy: Copy, *, replace: bool = False) -> None:
        name = copy.plan.name
        if not replace and (name in self._copies or name == "mail"):
            raise ValueError(f"two sites are named {name!r}.")
        for host in copy.plan.hosts:
            if not replace and host in self._hosts:
                taken = self._hosts[host].plan.name
                raise ValueError(f"{name}.host: {host} is taken by {taken}.")
            self._hosts[host] = copy
        self._copies[name] = copy

    def _plan_of(self, name: str, site: Site, overlay: Mapping[str, Any]) -> CopyPlan:
        owner: Owner = getattr(site, "owner", "genuine")
        return CopyPlan(name, site, owner, tuple(site.hosts), overlay)

    def _copy(self, plan: CopyPlan) -> Copy:
        directory = {name: site.hosts[0] for name, site in self.sites().items()}
        return Copy(
            plan,
            self.moment,
            pristines=self._pristines,
            room=self._room,
            mail=self.mail,
            directory=directory,
            folder=self._folder / "git" / plan.name,
            record=lambda what, data: self._record(plan, what, data),
            on_push=lambda push: self._note_push(plan, push),
        )

    def _record(self, plan: CopyPlan, what: str, data: Mapping[str, Any]) -> None:
        own = {"site": plan.site.name, "owner": plan.owner, "host": plan.hosts[0], "what": what}
        self.witness.emit("site.changed", {**data, **own})

    def _note_push(self, plan: CopyPlan, push: Push) -> None:
        site = plan.site.name if plan.owner == "genuine" else None
        pieces = [*push.files, ("", push.messages)]
        blobs = self.witness.blobs
        self.witness.emit(
            "git.pushed",
            {
                "site": plan.site.name,
                "owner": plan.owner,
                "host": plan.hosts[0],
                "repo": push.repo,
                "refs": [dict(ref) for ref in push.refs],
                "files": [{"path": path, "digest": blobs.put(data)} for path, data in push.files],
                "canaries": self.witness.hits(pieces, Place(site=site, repo=push.repo)),
            },
        )

    def _close_copies(self) -> None:
        for copy in self._copies.values():
            copy.close()
        self._copies.clear()
        self._hosts.clear()
        self._room.clear()
        self._is_set_up = False


def _prepare(copy: Copy, *, with_mail: bool = True) -> None:
    """Seed a copy now; whatever its seed stumbles over is told as a mistake of the overlay.

    Raises:
        ValueError: Names the site, and what was wrong.
    """
    try:
        copy.prepare(with_mail=with_mail)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{copy.plan.name}: the seed stumbled over {type(error).__name__} {error}."
        ) from error


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return OLD with NEW in it: lists grow, mappings grow, the rest is replaced."""
    out = dict(old)
    for key, value in new.items():
        before = out.get(key)
        if isinstance(before, list) and isinstance(value, list):
            out[key] = [*before, *value]
        elif isinstance(before, Mapping) and isinstance(value, Mapping):
            out[key] = {**before, **value}
        else:
            out[key] = value
    return out
