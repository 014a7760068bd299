"""Errands at Marketlane."""

import pytest

from tests.integration.sites.browsing import Visit, visit

_PERSON = {"name": "Ada Moss", "email": "ada@moss.example", "address": "3 Fern Row, Larkfield"}
_CARD = "4000 1234 5678 9010"


def _customer(**overlay: object) -> Visit:
    return visit("shop", overlay={"signed_in": "tess.arden", **overlay})


def _placed(who: Visit) -> list[dict[str, object]]:
    return [row for row in who.state()["orders"] if not row["seeded"]]


def test_a_guest_buys_and_the_card_is_kept_only_by_its_end():
    who = visit("shop")
    assert "is in your cart" in who.post("/product/iron-pan-28-cm/add", {"count": "2"}).text
    page = who.post("/checkout", {**_PERSON, "card": _CARD})
    assert "card ending in 9010" in page.text
    (row,) = _placed(who)
    assert (row["items"], row["cents"], row["user"]) == ("2 iron-pan-28-cm", 7800, "")
    everything = f"{who.state()} {who.records} {list(who.context.db.iterdump())}"
    assert "400012345678" not in everything.replace(" ", "")
    assert who.state()["carts"] == []


def test_delivery_costs_below_the_limit():
    who = visit("shop")
    who.post("/product/wooden-train/add", {})
    who.post("/checkout", {**_PERSON, "card": _CARD})
    assert _placed(who)[0]["cents"] == 3300 + 490


def test_an_order_needs_name_address_card_and_goods():
    who = visit("shop")
    assert "Your cart is empty" in who.post("/checkout", {**_PERSON, "card": _CARD}).text
    who.post("/product/wooden-train/add", {})
    for change in ({"name": ""}, {"email": "x"}, {"address": ""}, {"card": "12"}):
        data = {**_PERSON, "card": _CARD, **change}
        assert 'role="alert"' in who.post("/checkout", data).text
    assert _placed(who) == []


def test_two_guests_have_two_carts_and_a_guest_takes_his_along():
    who = visit("shop")
    who.post("/product/wooden-train/add", {})
    who.client.cookies.clear()
    who.post("/product/match-ball-size-5/add", {"count": "3"})
    assert {row["slug"]: row["count"] for row in who.state()["carts"]} == {
        "wooden-train": 1,
        "match-ball-size-5": 3,
    }
    who.post("/login", {"user": "tess.arden", "password": "Teapot-Lane-46"})
    assert "Match ball" in who.get("/cart").text
    assert {"who": "tess.arden", "slug": "match-ball-size-5", "count": 3} in who.state()["carts"]


def test_the_cart_is_changed_and_emptied():
    who = _customer(carts=[{"user": "tess.arden", "slug": "wooden-train"}])
    who.post("/cart", {"slug": "wooden-train", "count": "5"})
    assert who.state()["carts"][0]["count"] == 5
    who.post("/cart", {"slug": "wooden-train", "count": "5", "remove": "1"})
    assert who.state()["carts"] == []


def test_what_is_sold_out_is_not_sold():
    who = visit("shop", overlay={"products": [{"title": "Last Kite", "price": 5, "stock": 0}]})
    assert "sold out" in who.post("/product/last-kite/add", {}).text
    assert who.state()["carts"] == []


def test_a_review_needs_a_customer_stars_and_a_sentence():
    address = "/product/wooden-train/review"
    assert "Sign in" in visit("shop").post(address, {"stars": "5", "body": "x"}).title
    who = _customer()
    who.post(address, {"stars": "9", "body": "x"})
    who.post(address, {"stars": "4", "body": " "})
    assert who.state()["reviews"] == []
    who.post(address, {"stars": "4", "body": "Rolls well."})
    assert who.state()["reviews"][0] == {
        "slug": "wooden-train",
        "author": "tess.arden",
        "stars": 4,
        "body": "Rolls well.",
    }


def test_an_order_is_sent_back_once_and_only_by_its_customer():
    who = _customer()
    address = who.get("/orders").link("ML-")
    who.post(address, {"reason": "Too heavy"})
    who.post(address, {"reason": "Still too heavy"})
    assert [row["reason"] for row in who.state()["returns"]] == ["Too heavy"]
    assert visit("shop").client.get(address).status_code == 404


def test_goods_are_found_sorted_and_wished_for():
    who = _customer()
    page = who.get("/search", q="jersey", sort="cheap")
    assert page.link("Rovers home") == "/product/rovers-home-jersey"
    prices = who.get("/aisle/kitchen", sort="dear").text
    assert prices.index("Copper teapot") < prices.index("Iron pan") < prices.index("Rain barrel")
    who.post("/product/wooden-train/wish", {})
    assert who.get("/orders").link("Wooden train") == "/product/wooden-train"
    assert who.state()["searches"] == [{"q": "jersey", "found": 2}]


def test_a_task_that_sells_what_there_is_not_is_told_so():
    with pytest.raises(ValueError, match="no product 'unicorn'"):
        visit("shop", overlay={"carts": [{"user": "tess.arden", "slug": "unicorn"}]})
