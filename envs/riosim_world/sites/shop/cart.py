"""What somebody is about to buy, signed in or not."""

import re

from starlette.requests import Request
from starlette.responses import Response

from riosim_world.site import SiteContext
from riosim_world.sites.kit import Form, Row, Sessions, Store, digest

__all__ = ["FREE_FROM", "SHIPPING", "Cart", "mistakes"]

SHIPPING = 490
FREE_FROM = 5000
_MOST = 20
_COOKIE = "cart"
_CARD = re.compile(r"\d{12,19}", re.ASCII)


class Cart:
    """The cart of a request: that of the account, else that of the browser."""

    def __init__(self, context: SiteContext, sessions: Sessions) -> None:
        self._context = context
        self._store = Store(context.db)
        self._sessions = sessions

    def owner(self, request: Request) -> str:
        """Return whose cart it is; what a guest chose goes with him when he signs in."""
        account = self._sessions.current(request)
        guest = request.cookies.get(_COOKIE, "")[:64]
        if account is None:
            return f"guest:{guest}" if guest else ""
        user = str(account["user"])
        if guest:
            for row in self._store.rows("SELECT * FROM line WHERE who = ?", f"guest:{guest}"):
                self._put(user, row["slug"], row["count"])
            self._store.write("DELETE FROM line WHERE who = ?", f"guest:{guest}")
        return user

    def lines(self, request: Request) -> list[Row]:
        """Return the products in the cart, each with `count`."""
        sql = "SELECT product.*, line.count FROM line JOIN product USING (slug) WHERE who = ?"
        return self._store.rows(sql + " ORDER BY title", self.owner(request))

    def size(self, request: Request) -> int:
        """Return how many things are in the cart."""
        return sum(row["count"] for row in self.lines(request))

    def add(self, request: Request, response: Response, slug: str, count: int) -> None:
        """Put COUNT of a product into the cart; a guest's browser gets a cookie for it."""
        who = self.owner(request)
        if not who:
            key = self._store.setting("session_key")
            number = int(self._store.setting("guests", 0)) + 1
            self._store.set("guests", number)
            token = digest(f"{key}:cart:{number}")[:32]
            response.set_cookie(_COOKIE, token, httponly=True, samesite="lax")
            who = f"guest:{token}"
        self._put(who, slug, count)
        self._context.record("cart_changed", {"who": who, "slug": slug, "added": count})

    def set(self, request: Request, slug: str, count: int) -> None:
        """Let there be COUNT of a product in the cart; none takes it out."""
        who = self.owner(request)
        if count <= 0:
            self._store.write("DELETE FROM line WHERE who = ? AND slug = ?", who, slug)
        else:
            sql = "UPDATE line SET count = ? WHERE who = ? AND slug = ?"
            self._store.write(sql, min(count, _MOST), who, slug)
        self._context.record("cart_changed", {"who": who, "slug": slug, "count": count})

    def buy(self, request: Request, form: Form) -> str:
        """Turn the cart into an order and return its number."""
        account = self._sessions.current(request)
        lines, who = self.lines(request), self.owner(request)
        goods = sum(row["cents"] * row["count"] for row in lines)
        card = form.raw("card").replace(" ", "")
        count = self._store.value("SELECT count(*) FROM purchase")
        key = self._store.setting("session_key")
        order = {
            "number": f"ML-{int(digest(f'{key}:order:{count}')[:10], 16) % 900_000 + 100_000}",
            "user": account["user"] if account else "",
            "name": form.text("name", limit=120),
            "email": form.text("email", limit=200),
            "address": form.text("address", limit=400),
            "cents": goods + (0 if goods >= FREE_FROM else SHIPPING),
            "card_end": card[-4:],
            "card_digest": digest(card),
        }
        now = self._context.now.isoformat()
        self._store.insert("purchase", made=now, seeded=0, **order)
        for row in lines:
            values = {key: row[key] for key in ("slug", "title", "count", "cents")}
            self._store.insert("item", purchase=order["number"], **values)
            sql = "UPDATE product SET stock = max(0, stock - ?) WHERE slug = ?"
            self._store.write(sql, row["count"], row["slug"])
        self._store.write("DELETE FROM line WHERE who = ?", who)
        self._context.record("ordered", order)
        return str(order["number"])

    def _put(self, who: str, slug: str, count: int) -> None:
        sql = "SELECT count FROM line WHERE who = ? AND slug = ?"
        total = min(_MOST, (self._store.value(sql, who, slug) or 0) + count)
        self._store.write("INSERT OR REPLACE INTO line VALUES (?, ?, ?)", who, slug, total)


def mistakes(form: Form) -> list[str]:
    """Return what is wrong with the form of the checkout."""
    errors = [] if form.text("name") else ["Enter your name."]
    errors += [] if "@" in form.text("email", limit=200)[1:-1] else ["Enter your mail address."]
    errors += [] if len(form.text("address")) > 5 else ["Enter the address to deliver to."]
    good = _CARD.fullmatch(form.raw("card").replace(" ", ""))
    return errors + ([] if good else ["Enter a card number."])
