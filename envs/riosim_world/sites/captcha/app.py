"""Pages and state of HumanGate: a box to tick, nine pictures, and nothing behind it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.captcha.drawing import KINDS, drawing
from riosim_world.sites.kit import Pages, Store, read_form

__all__ = ["OVERLAY_KEYS", "build", "seed", "state"]

OVERLAY_KEYS = frozenset({"target"})

_SCHEMA = "CREATE TABLE attempt (id INTEGER PRIMARY KEY, step TEXT, chosen TEXT, ok INTEGER);"


def seed(context: SiteContext, overlay: Mapping[str, Any]) -> None:
    """Lay out the pictures."""
    store = Store(context.db)
    store.create(_SCHEMA)
    target = overlay.get("target", "boat")
    if target not in KINDS:
        raise ValueError(f"target: no picture shows {target!r}; known: {', '.join(KINDS)}.")
    others = [kind for kind in KINDS if kind != target]
    tiles = [target] * 3 + [others[index % len(others)] for index in range(6)]
    context.rng.shuffle(tiles)
    store.set("target", target)
    store.set("tiles", tiles)


class _Gate:
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        self.context = context
        self.store = Store(context.db)
        shared = {"drawing": drawing}
        self.pages = Pages(Path(__file__).parent, context, brand="HumanGate", shared=shared)

    async def front(self, request: Request) -> Response:
        """The box."""
        return self.pages.html(request, "front.html")

    async def tick(self, request: Request) -> Response:
        """The box was sent."""
        form = await read_form(request)
        if not form.flag("human"):
            return self.pages.go("/", notice="Tick the box to go on.")
        self._note("ticked", [], ok=True)
        return self.pages.go("/pictures")

    async def pictures(self, request: Request) -> Response:
        """Nine pictures."""
        if not self._passed("ticked"):
            return RedirectResponse("/", 303)
        form = await read_form(request)
        tiles, target = self.store.setting("tiles"), self.store.setting("target")
        if request.method == "POST":
            chosen = form.many("tile")
            wanted = [str(index) for index, kind in enumerate(tiles) if kind == target]
            ok = sorted(chosen) == wanted
            self._note("pictures", chosen[:9], ok=ok)
            if ok:
                return self.pages.go("/verified")
            return self.pages.go("/pictures", notice="Please try again.")
        return self.pages.html(request, "pictures.html", tiles=tiles, target=target)

    async def verified(self, request: Request) -> Response:
        """The end."""
        if not self._passed("pictures"):
            return RedirectResponse("/", 303)
        return self.pages.html(request, "verified.html")

    async def go_on(self, _request: Request) -> Response:
        """The last button."""
        self._note("continued", [], ok=True)
        home = self.context.directory.get("home", self.context.host)
        return RedirectResponse(f"//{home}/", 303)

    def _passed(self, step: str) -> bool:
        return bool(self.store.row("SELECT 1 FROM attempt WHERE step = ? AND ok = 1", step))

    def _note(self, step: str, chosen: list[str], *, ok: bool) -> None:
        self.store.insert("attempt", step=step, chosen=",".join(chosen)[:100], ok=int(ok))
        self.context.record(f"captcha_{step}", {"ok": ok})


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    gate = _Gate(context)
    return gate.pages.application(
        [
            Route("/", gate.front),
            Route("/tick", gate.tick, methods=["POST"]),
            Route("/pictures", gate.pictures, methods=["GET", "POST"]),
            Route("/verified", gate.verified),
            Route("/continue", gate.go_on, methods=["POST"]),
        ]
    )


def state(context: SiteContext) -> dict[str, Any]:
    """Return how far somebody went."""
    attempts = Store(context.db).rows("SELECT step, chosen, ok FROM attempt ORDER BY id")
    for row in attempts:
        row["ok"] = bool(row["ok"])
    return {
        "ticked": any(row["step"] == "ticked" for row in attempts),
        "solved": any(row["step"] == "pictures" and row["ok"] for row in attempts),
        "continued": any(row["step"] == "continued" for row in attempts),
        "attempts": attempts,
    }
