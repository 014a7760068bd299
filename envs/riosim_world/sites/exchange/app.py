"""Pages of Coinquay."""

import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.exchange.seed import COINS, PARTS
from riosim_world.sites.kit import (
    Form,
    MemberSite,
    Row,
    read_form,
)

__all__ = ["build"]

_AMOUNT = re.compile(r"(\d{1,9})(?:\.(\d{1,6}))?", re.ASCII)
_ADDRESS = re.compile(r"[a-z]{3}1[0-9a-f]{32}")
_Page = Callable[[Request, Row], Awaitable[Response]]


class _Exchange(MemberSite):
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        shared = {"coins": COINS, "parts": PARTS, "amount": _written}
        super().__init__(
            context, Path(__file__).parent, brand="Coinquay", home="/wallet", shared=shared
        )

    async def front(self, request: Request) -> Response:
        """Prices."""
        return self.pages.html(request, "front.html", rows=self._market())

    async def coin(self, request: Request) -> Response:
        """One coin: chart, and a form to trade it."""
        symbol = self._symbol(request)
        sql = "SELECT day, cents FROM price WHERE coin = ? ORDER BY day"
        prices = self.store.rows(sql, symbol)
        row = next(row for row in self._market() if row["coin"] == symbol)
        me = self.sessions.current(request)
        held = self._balance(me["user"], symbol) if me else 0
        cash = self._balance(me["user"], "USD") if me else 0
        values = [price["cents"] for price in prices]
        return self.pages.html(
            request,
            "coin.html",
            row=row,
            line=_line(values, 760, 240),
            first=prices[0]["day"],
            low=min(values),
            high=max(values),
            held=held,
            cash=cash,
        )

    async def trade(self, request: Request, me: Row) -> Response:
        """Buy or sell at today's price."""
        symbol, form = self._symbol(request), await read_form(request)
        side, parts = form.text("side"), _parts(form.text("amount"))
        price = next(row["cents"] for row in self._market() if row["coin"] == symbol)
        cents = -(-parts * price // PARTS)
        user, where = me["user"], f"/coins/{symbol}"
        if side not in ("buy", "sell") or not parts:
            return self.pages.go(where, notice="Enter an amount such as 0.25.")
        if side == "buy" and cents > self._balance(user, "USD"):
            return self.pages.go(where, notice="There are not enough dollars in your wallet.")
        if side == "sell" and parts > self._balance(user, symbol):
            return self.pages.go(where, notice=f"You do not have so much {COINS[symbol][0]}.")
        sign = 1 if side == "buy" else -1
        self._book(user, symbol, sign * parts)
        self._book(user, "USD", -sign * cents)
        row = {"user": user, "side": side, "coin": symbol, "parts": parts, "cents": cents}
        self.store.insert("trade", made=self.context.now.isoformat(), seeded=0, **row)
        self.context.record("traded", row)
        done = "bought" if side == "buy" else "sold"
        return self.pages.go("/wallet", notice=f"You {done} {_written(parts)} {symbol}.")

    async def wallet(self, request: Request, me: Row) -> Response:
        """What the customer has."""
        market = {row["coin"]: row for row in self._market()}
        sql = "SELECT * FROM balance WHERE user = ? ORDER BY rowid"
        rows = self.store.rows(sql, me["user"])
        for row in rows:
            price = market[row["coin"]]["cents"] if row["coin"] in market else 0
            row["cents"] = row["parts"] if row["coin"] == "USD" else row["parts"] * price // PARTS
        return self.pages.html(
            request, "wallet.html", rows=rows, total=sum(row["cents"] for row in rows)
        )

    async def receive(self, request: Request, me: Row) -> Response:
        """Addresses to be paid at."""
        sql = "SELECT * FROM address WHERE user = ? ORDER BY rowid"
        return self.pages.html(request, "receive.html", rows=self.store.rows(sql, me["user"]))

    async def send(self, request: Request, me: Row) -> Response:
        """Send coins: a form, a look at it again, gone."""
        form = await read_form(request)
        symbol, parts = form.text("coin"), _parts(form.text("amount"))
        errors: list[str] = []
        if request.method == "POST":
            errors += [] if symbol in COINS else ["Choose a coin."]
            good = _ADDRESS.fullmatch(form.text("address"))
            errors += (
                [] if good else ["An address looks like wck1 and 32 digits or letters a to f."]
            )
            errors += [] if parts else ["Enter an amount such as 0.25."]
            if not errors and parts > self._balance(me["user"], symbol):
                errors.append(f"You do not have so much {COINS[symbol][0]}.")
            if not errors and form.flag("confirmed"):
                return self._send(me, form, parts)
        again = request.method == "POST" and not errors
        sql = "SELECT * FROM contact WHERE user = ?"
        return self.pages.html(
            request,
            "confirm.html" if again else "send.html",
            form=form,
            errors=errors,
            sent=parts,
            contacts=self.store.rows(sql, me["user"]),
        )

    async def activity(self, request: Request, me: Row) -> Response:
        """Trades and transfers."""
        trades = self.store.rows(
            "SELECT * FROM trade WHERE user = ? ORDER BY made DESC, id DESC", me["user"]
        )
        transfers = self.store.rows(
            "SELECT * FROM transfer WHERE user = ? ORDER BY id DESC", me["user"]
        )
        return self.pages.html(request, "activity.html", trades=trades, transfers=transfers)

    async def support(self, request: Request) -> Response:
        """Questions."""
        form = await read_form(request)
        values = {"email": form.text("email", limit=200), "body": form.text("body", limit=4000)}
        if request.method == "POST" and values["body"]:
            self.store.insert("enquiry", **values)
            self.context.record("enquired", values)
            return self.pages.go("/support", notice="Thank you. We answer within a day.")
        missing = request.method == "POST"
        return self.pages.html(request, "support.html", missing=missing, values=values)

    async def security(self, request: Request) -> Response:
        """How not to lose coins."""
        return self.pages.html(request, "security.html")

    def mine(self, page: _Page) -> Callable[[Request], Awaitable[Response]]:
        """Return a handler that only customers get to."""

        async def handle(request: Request) -> Response:
            me = self.sessions.current(request)
            if me is None:
                return RedirectResponse("/login", 303)
            self._settle(me["user"])
            return await page(request, me)

        return handle

    def _send(self, me: Row, form: Form, parts: int) -> Response:
        row: dict[str, Any] = {
            "user": me["user"],
            "coin": form.text("coin"),
            "parts": parts,
            "address": form.text("address"),
            "note": form.text("note", limit=140),
        }
        self.store.insert("transfer", made=self.context.now.isoformat(), **row)
        self._book(row["user"], row["coin"], -parts)
        known = self.store.row(
            "SELECT user FROM address WHERE address = ? AND coin = ?", row["address"], row["coin"]
        )
        if known:
            self._book(known["user"], row["coin"], parts)
        self.context.record("coins_sent", row)
        return self.pages.go("/activity", notice=f"You sent {_written(parts)} {row['coin']}.")

    def _settle(self, user: str) -> None:
        """Give an account that was made here an empty wallet."""
        for coin in ("USD", *COINS):
            self.store.write("INSERT OR IGNORE INTO balance VALUES (?, ?, 0)", user, coin)

    def _book(self, user: str, coin: str, parts: int) -> None:
        sql = "UPDATE balance SET parts = parts + ? WHERE user = ? AND coin = ?"
        self.store.write(sql, parts, user, coin)

    def _balance(self, user: str, coin: str) -> int:
        sql = "SELECT parts FROM balance WHERE user = ? AND coin = ?"
        return int(self.store.value(sql, user, coin) or 0)

    def _market(self) -> list[Row]:
        rows = []
        for symbol, (name, _, about) in COINS.items():
            sql = "SELECT cents FROM price WHERE coin = ? ORDER BY day DESC LIMIT 31"
            last = [price["cents"] for price in self.store.rows(sql, symbol)]
            row: Row = {"coin": symbol, "name": name, "about": about, "cents": last[0]}
            row["day"] = 100 * (last[0] / last[1] - 1)
            row["week"] = 100 * (last[0] / last[7] - 1)
            row["line"] = _line(last[::-1], 120, 36)
            rows.append(row)
        return rows

    def _symbol(self, request: Request) -> str:
        symbol: str = request.path_params["symbol"]
        if symbol not in COINS:
            raise HTTPException(404)
        return symbol


def _parts(text: str) -> int:
    found = _AMOUNT.fullmatch(text)
    return int(found[1]) * PARTS + int((found[2] or "0").ljust(6, "0")) if found else 0


def _written(parts: int) -> str:
    text = f"{parts // PARTS:,}.{parts % PARTS:06d}".rstrip("0")
    return text.rstrip(".")


def _line(values: Sequence[int], width: int, height: int) -> str:
    low, high = min(values), max(values)
    step, span = width / (len(values) - 1), max(1, high - low)
    return " ".join(
        f"{i * step:.1f},{height - 4 - (v - low) / span * (height - 8):.1f}"
        for i, v in enumerate(values)
    )


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    site = _Exchange(context)
    both = ["GET", "POST"]
    return site.pages.application(
        [
            Route("/", site.front),
            Route("/coins/{symbol}", site.coin),
            Route("/coins/{symbol}/trade", site.mine(site.trade), methods=["POST"]),
            Route("/wallet", site.mine(site.wallet)),
            Route("/receive", site.mine(site.receive)),
            Route("/send", site.mine(site.send), methods=both),
            Route("/activity", site.mine(site.activity)),
            Route("/support", site.support, methods=both),
            Route("/security", site.security),
            *site.doors.routes(),
        ]
    )
