"""Pages and state of Harborline Bank."""

import re
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    Accounts,
    Form,
    MemberSite,
    Row,
    Sessions,
    Store,
    paginate,
    read_form,
)
from riosim_world.sites.kit.pdf import Line, pdf

__all__ = ["build", "state"]

_AMOUNT = re.compile(r"(\d{1,7})(?:[.,](\d{1,2}))?")
_NUMBER = re.compile(r"[A-Z]{2}\d{2}( ?\d{4}){2,5}")


class _Bank(MemberSite):
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        super().__init__(context, Path(__file__).parent, brand="Harborline Bank", home="/accounts")

    async def overview(self, request: Request, me: Row) -> Response:
        """All accounts of the customer."""
        sql = "SELECT * FROM booking WHERE pot = ? ORDER BY day DESC, id DESC LIMIT 6"
        pots = self._pots(me)
        recent = self.store.rows(sql, pots[0]["number"]) if pots else []
        return self.pages.html(request, "accounts.html", pots=pots, recent=recent)

    async def bookings(self, request: Request, me: Row) -> Response:
        """The bookings of one account."""
        pot = self._pot(request, me)
        sql = "SELECT * FROM booking WHERE pot = ? ORDER BY day DESC, id DESC"
        rows = self.store.rows(sql, pot["number"])
        months = sorted({row["day"][:7] for row in rows}, reverse=True)
        page = paginate(request, rows, size=15)
        return self.pages.html(request, "bookings.html", pot=pot, page=page, months=months)

    async def statement(self, request: Request, me: Row) -> Response:
        """One month as a PDF."""
        pot, month = self._pot(request, me), request.path_params["month"]
        sql = "SELECT * FROM booking WHERE pot = ? AND day LIKE ? || '-%' ORDER BY day, id"
        rows = self.store.rows(sql, pot["number"], month)
        if not re.fullmatch(r"\d{4}-\d\d", month) or not rows:
            raise HTTPException(404)
        row = {"user": me["user"], "pot": pot["number"], "month": month}
        self.store.insert("statement", **row)
        self.context.record("statement_downloaded", row)
        lines = [Line("Harborline Bank", "bold", 20), Line(f"Statement {month}", size=14), Line()]
        lines += [Line(me["name"]), Line(f"{pot['name']}  {pot['number']}"), Line()]
        lines += [
            Line(f"{b['day']}  {b['what']:<40.40} {b['cents'] / 100:>12,.2f}", "mono", 10)
            for b in rows
        ]
        name = f"statement-{month}.pdf"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        data = pdf(lines, title=f"Statement {month}")
        return Response(data, media_type="application/pdf", headers=headers)

    async def transfer(self, request: Request, me: Row) -> Response:
        """Send money: a form, a look at it again, done."""
        form = await read_form(request)
        pots = self._pots(me)
        payees = self.store.rows("SELECT * FROM payee WHERE user = ?", me["user"])
        errors: list[str] = []
        cents = _cents(form.text("amount"))
        source = next((p for p in pots if p["number"] == form.text("source")), None)
        if request.method == "POST":
            errors += [] if source else ["Choose the account to pay from."]
            errors += [] if form.text("name") else ["Who gets the money?"]
            good = _NUMBER.fullmatch(form.text("number"))
            errors += [] if good else ["The account number looks like HL40 2210 7735."]
            errors += [] if cents else ["Enter an amount such as 25.00."]
            short = source and cents > source["cents"]
            errors += ["There is not enough money on that account."] if short else []
            if source and not errors and form.flag("confirmed"):
                return self._pay(me, source, form, cents)
        values: dict[str, Any] = {
            "pots": pots,
            "payees": payees,
            "form": form,
            "cents": cents,
            "source": source,
        }
        again = request.method == "POST" and not errors
        template = "confirm.html" if again else "transfer.html"
        return self.pages.html(request, template, errors=errors, **values)

    async def profile(self, request: Request, me: Row) -> Response:
        """Address and telephone."""
        form = await read_form(request)
        if request.method == "POST":
            values = {name: form.text(name, limit=200) for name in ("address", "phone")}
            sql = "UPDATE profile SET address = ?, phone = ? WHERE user = ?"
            self.store.write(sql, *values.values(), me["user"])
            self.context.record("profile_changed", {"user": me["user"], **values})
            return self.pages.go("/profile", notice="Your details are saved.")
        row = self.store.row("SELECT * FROM profile WHERE user = ?", me["user"])
        row = row or {"address": "", "phone": "", "tax": ""}
        return self.pages.html(request, "profile.html", profile=row)

    async def contact(self, request: Request) -> Response:
        """A call back."""
        form = await read_form(request)
        values = {name: form.text(name, limit=1000) for name in ("name", "phone", "body")}
        if request.method == "POST" and values["name"] and values["phone"]:
            self.store.insert("enquiry", **values)
            self.context.record("enquired", values)
            return self.pages.go("/contact", notice="Thank you. We call you back today.")
        missing = request.method == "POST"
        return self.pages.html(request, "contact.html", missing=missing, values=values)

    def _pay(self, me: Row, source: Row, form: Form, cents: int) -> Response:
        row = {
            "user": me["user"],
            "source": source["number"],
            "name": form.text("name", limit=100),
            "number": form.text("number"),
            "cents": cents,
            "note": form.text("note", limit=140),
        }
        self.store.insert("transfer", **row)
        self._book(source["number"], f"Transfer to {row['name']}", -cents)
        sql = "SELECT 1 FROM pot WHERE number = ?"
        if self.store.row(sql, row["number"]):
            self._book(str(row["number"]), f"Transfer from {me['name']}", cents)
        self.context.record("transferred", row)
        return self.pages.go("/accounts", notice="Your transfer is on its way.")

    def _book(self, pot: str, what: str, cents: int) -> None:
        day = self.context.now.date().isoformat()
        self.store.insert("booking", pot=pot, day=day, what=what, cents=cents)
        self.store.write("UPDATE pot SET cents = cents + ? WHERE number = ?", cents, pot)

    def _pots(self, me: Row) -> list[Row]:
        return self.store.rows("SELECT * FROM pot WHERE user = ? ORDER BY rowid", me["user"])

    def _pot(self, request: Request, me: Row) -> Row:
        for pot in self._pots(me):
            if pot["number"].replace(" ", "") == request.path_params["number"]:
                return pot
        raise HTTPException(404)


def _cents(text: str) -> int:
    found = _AMOUNT.fullmatch(text.replace("$", "").strip())
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else 0


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    bank = _Bank(context)
    both = ["GET", "POST"]
    return bank.pages.application(
        [
            Route("/", bank.pages.plain("front.html")),
            Route("/security", bank.pages.plain("security.html")),
            Route("/contact", bank.contact, methods=both),
            Route("/accounts", bank.sessions.mine(bank.overview)),
            Route("/accounts/{number}", bank.sessions.mine(bank.bookings)),
            Route("/accounts/{number}/statement/{month}", bank.sessions.mine(bank.statement)),
            Route("/transfer", bank.sessions.mine(bank.transfer), methods=both),
            Route("/profile", bank.sessions.mine(bank.profile), methods=both),
            *bank.doors.routes(signup=False),
        ]
    )


def state(context: SiteContext) -> dict[str, Any]:
    """Return transfers, statements, profiles and who signed in."""
    store = Store(context.db)
    return {
        "transfers": store.rows(
            "SELECT user, source, name, number, cents, note FROM transfer ORDER BY id"
        ),
        "statements": store.rows("SELECT user, pot, month FROM statement ORDER BY id"),
        "balances": store.rows("SELECT user, name, number, cents FROM pot ORDER BY rowid"),
        "profiles": store.rows("SELECT user, address, phone FROM profile"),
        "enquiries": store.rows("SELECT name, phone, body FROM enquiry ORDER BY id"),
        **Sessions(context, Accounts(context)).state(),
    }
