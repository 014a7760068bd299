"""Errands at Coinquay."""

from tests.integration.sites.browsing import Visit, visit

_AWAY = "wck1" + "0123456789abcdef" * 2


def _customer(**overlay: object) -> Visit:
    base = {"signed_in": "arlo.brandt", "balances": [
        {"user": "arlo.brandt", "coin": "WCK", "amount": 3},
        {"user": "arlo.brandt", "coin": "USD", "amount": 100},
    ]}  # fmt: skip
    return visit("exchange", overlay=base | overlay)


def _held(who: Visit, coin: str) -> float:
    return next(
        float(row["amount"])
        for row in who.state()["balances"]
        if (row["user"], row["coin"]) == ("arlo.brandt", coin)
    )


def test_coins_leave_only_when_confirmed():
    who = _customer()
    data = {"coin": "WCK", "amount": "1.25", "address": _AWAY, "note": "Boat"}
    assert "Is this right?" in who.post("/send", data).text
    assert who.state()["transfers"] == []
    who.post("/send", data | {"confirmed": "1"})
    (row,) = who.state()["transfers"]
    assert (row["amount"], row["address"], row["note"]) == (1.25, _AWAY, "Boat")
    assert _held(who, "WCK") == 1.75
    assert _AWAY in who.get("/activity").text


def test_a_transfer_that_cannot_be_is_refused_even_if_confirmed():
    who = _customer()
    good = {"coin": "WCK", "amount": "1", "address": _AWAY, "confirmed": "1"}
    for change in ({"coin": "XXX"}, {"amount": "3.000001"}, {"amount": "-1"}, {"amount": "0"},
                   {"address": "wck1"}, {"amount": "1e3"}):  # fmt: skip
        assert 'role="alert"' in who.post("/send", good | change).text
    assert who.state()["transfers"] == []


def test_coins_sent_to_a_customer_arrive():
    who = _customer(accounts=[{"user": "other", "password": "Other-Pass-1"}])
    sql = "SELECT address FROM address WHERE user = 'other' AND coin = 'WCK'"
    (address,) = who.context.db.execute(sql).fetchone()
    before = {(r["user"], r["coin"]): r["amount"] for r in who.state()["balances"]}
    who.post("/send", {"coin": "WCK", "amount": "2", "address": address, "confirmed": "1"})
    after = {(r["user"], r["coin"]): r["amount"] for r in who.state()["balances"]}
    assert round(after["other", "WCK"] - before["other", "WCK"], 6) == 2


def test_what_is_bought_is_paid_for_and_can_be_sold():
    who = _customer()
    who.post("/coins/WCK/trade", {"side": "buy", "amount": "0.5"})
    (row,) = who.state()["trades"]
    assert (row["side"], row["amount"]) == ("buy", 0.5)
    assert _held(who, "WCK") == 3.5
    assert _held(who, "USD") == 100 - row["cents"] / 100
    who.post("/coins/WCK/trade", {"side": "sell", "amount": "3.5"})
    assert _held(who, "WCK") == 0


def test_nobody_buys_or_sells_what_is_not_there():
    who = _customer()
    for side, coin, amount in (("buy", "TRN", "5"), ("sell", "WCK", "4"), ("give", "WCK", "1"),
                               ("buy", "WCK", "x")):  # fmt: skip
        who.post(f"/coins/{coin}/trade", {"side": side, "amount": amount})
    assert who.state()["trades"] == []


def test_whoever_is_not_signed_in_gets_to_the_sign_in():
    who = visit("exchange")
    for address in ("/wallet", "/send", "/receive", "/activity"):
        assert "Stay signed in" in who.get(address).text
    assert "Stay signed in" in who.post("/coins/WCK/trade", {"side": "buy", "amount": "1"}).text


def test_a_new_customer_has_an_empty_wallet():
    who = visit("exchange")
    data = {"user": "newcomer", "email": "n@ew.example", "password": "Brand-New-99"}
    assert "$0.00" in who.post("/signup", data).text
