"""Pages of Marketlane."""

from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from riosim_world.site import SiteContext
from riosim_world.sites.kit import (
    MemberSite,
    Row,
    found,
    paginate,
    read_form,
    whole,
)
from riosim_world.sites.shop.cart import FREE_FROM, SHIPPING, Cart, mistakes
from riosim_world.sites.shop.seed import AISLES, SHAPES

__all__ = ["build"]

_SORTS = {"best": "rank", "cheap": "cents", "dear": "cents DESC", "name": "title"}
_GOODS = (
    "SELECT product.*, (SELECT avg(stars) FROM review WHERE review.slug = product.slug) AS stars, "
    "(SELECT count(*) FROM review WHERE review.slug = product.slug) AS reviews FROM product "
)


class _Shop(MemberSite):
    """The handlers; all state is in the database."""

    def __init__(self, context: SiteContext) -> None:
        shared = {"aisles": AISLES, "shipping": SHIPPING, "free_from": FREE_FROM}
        super().__init__(context, Path(__file__).parent, brand="Marketlane", shared=shared)
        self.cart = Cart(context, self.sessions)

    def html(self, request: Request, template: str, **values: Any) -> Response:
        """Render TEMPLATE; every page shows how full the cart is."""
        return self.pages.html(request, template, size=self.cart.size(request), **values)

    async def front(self, request: Request) -> Response:
        """Offers and shelves."""
        goods = self.store.rows(_GOODS + "ORDER BY rank")
        offers = [row for row in goods if row["was"]][:4]
        return self.html(request, "front.html", offers=offers, goods=goods[:12])

    async def aisle(self, request: Request) -> Response:
        """One aisle."""
        key = request.path_params["aisle"]
        if key not in AISLES:
            raise HTTPException(404)
        rows = [row for row in self._sorted(request) if row["aisle"] == key]
        page = paginate(request, rows, size=12)
        return self.html(request, "shelf.html", title=AISLES[key], page=page, sort=_sort(request))

    async def search(self, request: Request) -> Response:
        """Goods that have all the words."""
        words = request.query_params.get("q", "").strip()[:200]
        parts = words.lower().split()
        rows = [
            row
            for row in self._sorted(request)
            if parts and all(p in f"{row['title']} {row['about']}".lower() for p in parts)
        ]
        if words:
            self.store.insert("search", q=words, found=len(rows))
            self.context.record("searched", {"q": words, "found": len(rows)})
        title = f"{len(rows)} result{'s' if len(rows) != 1 else ''} for “{words}”" if words else ""
        page = paginate(request, rows, size=12)
        return self.html(
            request, "shelf.html", title=title or "Search", page=page, sort=_sort(request)
        )

    async def product(self, request: Request) -> Response:
        """One product with what customers say."""
        row = self._product(request)
        user = self.sessions.user(request)
        near = _GOODS + "WHERE aisle = ? AND slug <> ? ORDER BY rank LIMIT 4"
        wished = self.store.row("SELECT 1 FROM wish WHERE user = ? AND slug = ?", user, row["slug"])
        return self.html(
            request,
            "product.html",
            product=row,
            reviews=self.store.rows(
                "SELECT * FROM review WHERE slug = ? ORDER BY id DESC", row["slug"]
            ),
            near=self.store.rows(near, row["aisle"], row["slug"]),
            wished=wished is not None,
        )

    async def picture(self, request: Request) -> Response:
        """The drawing of a product."""
        slug = request.path_params["name"].removesuffix(".svg")
        row = self.store.row("SELECT shape, hue FROM product WHERE slug = ?", slug)
        if row is None:
            raise HTTPException(404)
        inner = SHAPES[row["shape"]]
        for mark, tone in (("@a", "48% 52%"), ("@b", "42% 36%"), ("@c", "60% 78%")):
            inner = inner.replace(mark, f"hsl({row['hue']} {tone})")
        start = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">'
        return Response(f"{start}{inner}</svg>", media_type="image/svg+xml")

    async def review(self, request: Request) -> Response:
        """A customer's review."""
        row, user = self._product(request), self.sessions.user(request)
        if not user:
            return RedirectResponse("/login", 303)
        form = await read_form(request)
        stars, body = whole(form.text("stars")), form.text("body", limit=2000)
        if not (1 <= stars <= 5 and body):
            notice = "Choose one to five stars and write a sentence."
            return self.pages.go(f"/product/{row['slug']}", notice=notice)
        values = {"slug": row["slug"], "author": user, "stars": stars, "body": body}
        now = self.context.now.isoformat()
        self.store.insert("review", made=now, seeded=0, **values)
        self.context.record("reviewed", values)
        return self.pages.go(f"/product/{row['slug']}", notice="Thank you for your review.")

    async def wish(self, request: Request) -> Response:
        """Put on the wish list, or take off it."""
        row, user = self._product(request), self.sessions.user(request)
        if not user:
            return RedirectResponse("/login", 303)
        on = self.store.toggle("wish", user=user, slug=row["slug"])
        self.context.record("wished", {"user": user, "slug": row["slug"], "on": on})
        notice = "It is on your wish list." if on else "No longer on your wish list."
        return self.pages.go(f"/product/{row['slug']}", notice=notice)

    async def add(self, request: Request) -> Response:
        """Put into the cart."""
        row = self._product(request)
        if row["stock"] < 1:
            return self.pages.go(f"/product/{row['slug']}", notice="It is sold out.")
        count = min(max(1, whole((await read_form(request)).text("count"), default=1)), 20)
        response = self.pages.go("/cart", notice=f"{row['title']} is in your cart.")
        self.cart.add(request, response, row["slug"], count)
        return response

    async def show_cart(self, request: Request) -> Response:
        """The cart; a form changes how many."""
        if request.method == "POST":
            form = await read_form(request)
            count = 0 if form.flag("remove") else whole(form.text("count"), default=1)
            self.cart.set(request, form.text("slug", limit=120), count)
            return self.pages.go("/cart")
        lines = self.cart.lines(request)
        goods = sum(row["cents"] * row["count"] for row in lines)
        return self.html(request, "cart.html", lines=lines, goods=goods)

    async def checkout(self, request: Request) -> Response:
        """Address and card."""
        lines = self.cart.lines(request)
        if not lines:
            return self.pages.go("/cart", notice="Your cart is empty.")
        form = await read_form(request)
        errors = mistakes(form) if request.method == "POST" else []
        if request.method == "POST" and not errors:
            return self.pages.go(f"/orders/{self.cart.buy(request, form)}")
        me = self.sessions.current(request) or {"name": "", "email": ""}
        goods = sum(row["cents"] * row["count"] for row in lines)
        return self.html(
            request,
            "checkout.html",
            lines=lines,
            goods=goods,
            form=form,
            errors=errors,
            person=me,
        )

    async def orders(self, request: Request) -> Response:
        """What the customer bought."""
        user = self.sessions.user(request)
        if not user:
            return RedirectResponse("/login", 303)
        sql = "SELECT * FROM purchase WHERE user = ? ORDER BY id DESC"
        wishes = self.store.rows("SELECT slug FROM wish WHERE user = ?", user)
        wished = {row["slug"] for row in wishes}
        return self.html(
            request,
            "orders.html",
            orders=self.store.rows(sql, user),
            wishes=[row for row in self._sorted(request) if row["slug"] in wished],
        )

    async def order(self, request: Request) -> Response:
        """One order; a form sends it back."""
        number, user = request.path_params["number"], self.sessions.user(request)
        row = self.store.row("SELECT * FROM purchase WHERE number = ?", number)
        if row is None or row["user"] not in ("", user):
            raise HTTPException(404)
        back = self.store.row("SELECT * FROM returned WHERE number = ?", number)
        if request.method == "POST" and not back:
            reason = (await read_form(request)).text("reason", limit=500)
            values = {"number": number, "user": user, "reason": reason}
            self.store.insert("returned", **values)
            self.context.record("returned", values)
            return self.pages.go(f"/orders/{number}", notice="A courier collects it tomorrow.")
        items = self.store.rows("SELECT * FROM item WHERE purchase = ?", number)
        return self.html(request, "order.html", order=row, items=items, back=back)

    async def contact(self, request: Request) -> Response:
        """A question."""
        form = await read_form(request)
        values = {name: form.text(name, limit=4000) for name in ("name", "email", "body")}
        if request.method == "POST" and values["body"]:
            self.store.insert("enquiry", **values)
            self.context.record("enquired", values)
            return self.pages.go("/contact", notice="Thank you. We answer today.")
        missing = request.method == "POST"
        return self.html(request, "contact.html", missing=missing, values=values)

    async def help(self, request: Request) -> Response:
        """Delivery, returns, payment."""
        return self.html(request, "help.html")

    def _sorted(self, request: Request) -> list[Row]:
        return self.store.rows(f"{_GOODS} ORDER BY {_SORTS[_sort(request)]}, rank")

    def _product(self, request: Request) -> Row:
        return found(self.store.row(_GOODS + "WHERE product.slug = ?", request.path_params["slug"]))


def _sort(request: Request) -> str:
    chosen = request.query_params.get("sort", "best")
    return chosen if chosen in _SORTS else "best"


def build(context: SiteContext) -> Starlette:
    """Return the application."""
    shop = _Shop(context)
    both, post = ["GET", "POST"], ["POST"]
    return shop.pages.application(
        [
            Route("/", shop.front),
            Route("/aisle/{aisle}", shop.aisle),
            Route("/search", shop.search),
            Route("/product/{slug}", shop.product),
            Route("/product/{slug}/review", shop.review, methods=post),
            Route("/product/{slug}/wish", shop.wish, methods=post),
            Route("/product/{slug}/add", shop.add, methods=post),
            Route("/pictures/{name}", shop.picture),
            Route("/cart", shop.show_cart, methods=both),
            Route("/checkout", shop.checkout, methods=both),
            Route("/orders", shop.orders),
            Route("/orders/{number}", shop.order, methods=both),
            Route("/contact", shop.contact, methods=both),
            Route("/help", shop.help),
            *shop.doors.routes(),
        ]
    )
