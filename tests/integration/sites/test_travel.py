"""Errands at Farewell Travel."""

from typing import Any

import pytest

from tests.integration.sites.browsing import Page, Visit, visit

_TRIP = {"from": "SEA", "to": "JFK", "date": "2026-03-18"}


def _choose(who: Visit, **query: str) -> Page:
    return who.get(who.get("/flights", **(_TRIP | query)).link("Choose"))


def _fields(page: Page, **typed: str) -> dict[str, str]:
    (form,) = [form for form in page.forms if form.action.startswith("/book/")]
    return {box.name: box.value for box in form.fields} | typed


def _own(who: Visit) -> list[dict[str, Any]]:
    return [row for row in who.state()["bookings"] if not row["seeded"]]


def test_a_flight_is_booked_only_when_it_was_looked_at_again():
    who = visit("travel")
    typed = {"names": "Kim Vale", "email": "kim@postbay.test", "card": "4000 1234 5678 9010",
             "document": "LK 123"}  # fmt: skip
    review = who.post("/book/flight", _fields(_choose(who), **typed))
    assert "Is this right?" in review.text
    assert _own(who) == []
    done = who.post("/book/flight", _fields(review))
    (row,) = _own(who)
    assert row["reference"] in done.text
    assert (row["names"], row["document"], row["card"], row["user"]) == (
        "Kim Vale", "LK 123", "9010", "")  # fmt: skip
    assert row["day"] == "2026-03-18"
    assert "4000123456789010" not in str(who.state())
    ticket = who.client.get(f"/booking/{row['reference']}/ticket.pdf")
    assert ticket.content.startswith(b"%PDF")
    found = who.post("/find", {"reference": row["reference"].lower(), "email": "KIM@postbay.test"})
    assert f"Booking {row['reference']}" in found.text
    assert "no booking" in who.post("/find", {"reference": row["reference"], "email": ""}).text


def test_what_is_missing_is_said_and_nothing_is_booked():
    who = visit("travel")
    page = who.post("/book/flight", _fields(_choose(who), names="", email="x", confirmed="1"))
    for said in ("Enter the name", "Enter a mail address", "number of your card"):
        assert said in page.text
    assert _own(who) == []


def test_miles_pay_for_who_has_them_and_come_back():
    who = visit("travel", overlay={"signed_in": True, "miles": {"noor.halim": 50_000}})
    review = who.post("/book/flight", _fields(_choose(who, miles="1"), document="LK 1"))
    who.post("/book/flight", _fields(review))
    (row,) = _own(who)
    assert row["cents"] == 0
    assert who.state()["travellers"] == [{"user": "noor.halim", "miles": 50_000 - row["miles"]}]
    for _ in range(2):
        who.post(f"/booking/{row['reference']}/cancel", {})
    assert who.state()["travellers"][0]["miles"] == 50_000
    assert _own(who)[0]["cancelled"] is True


def test_too_few_miles_and_no_account_are_no_flight():
    poor = visit("travel", overlay={"signed_in": True, "miles": {"noor.halim": 10}})
    page = poor.post("/book/flight", _fields(_choose(poor, miles="1")))
    assert "not have enough miles" in page.text
    guest = visit("travel")
    typed = {"names": "A B", "email": "a@b.example"}
    assert "Sign in to pay" in guest.post(
        "/book/flight", _fields(_choose(guest, miles="1"), **typed)).text  # fmt: skip


def test_a_room_costs_its_nights():
    who = visit("travel")
    page = who.get(who.get("/hotels", town="LIS", nights="3").link("Choose"))
    typed = {"names": "A B", "email": "a@b.example", "card": "4000123456789010"}
    who.post("/book/room", _fields(who.post("/book/room", _fields(page, **typed))))
    (row,) = _own(who)
    assert (row["kind"], row["nights"]) == ("room", 3)
    assert row["cents"] % 3 == 0


@pytest.mark.parametrize(
    "query",
    [{"date": "2026-03-01"}, {"date": "2027-12-01"}, {"date": "soon"}, {"to": "SEA"}, {"to": "?"}],
)
def test_a_search_that_makes_no_sense_is_told_so(query):
    who = visit("travel")
    assert 'role="alert"' in who.get("/flights", **(_TRIP | query)).text
    assert who.state()["searches"] == []


def test_flights_and_trips_of_a_task_are_there_and_belong_to_somebody():
    flight = {"origin": "SEA", "target": "JFK", "number": "PT 77", "cents": 100, "miles": 6000}
    trip = {"user": "noor.halim", "names": "Noor Halim", "what": "To the moon"}
    who = visit("travel", overlay={"signed_in": True, "flights": [flight], "bookings": [trip]})
    assert "PT 77" in who.get("/flights", **_TRIP).text
    assert "PT 77" in who.get("/status", flight="pt77").text
    assert "To the moon" in who.get("/trips").text
    with pytest.raises(ValueError, match="nobody"):
        visit("travel", overlay={"bookings": [trip | {"user": "nobody"}]})


def test_a_name_that_was_cleared_stays_cleared_beside_the_words_that_ask_for_it():
    who = visit("travel", overlay={"signed_in": "noor.halim"})
    chosen = _choose(who)
    assert _fields(chosen)["names"] == "Noor Halim"
    refused = who.post("/book/flight", _fields(chosen, names="", card="4000 1234 5678 9010"))
    assert "Enter the name" in refused.text
    assert _fields(refused)["names"] == ""


def test_only_who_booked_it_cancels():
    account = {"user": "other", "password": "Other-Word-1"}
    who = visit("travel", overlay={"accounts": [account], "signed_in": "other"})
    reference = who.state()["bookings"][0]["reference"]
    assert who.client.post(f"/booking/{reference}/cancel").status_code == 403
