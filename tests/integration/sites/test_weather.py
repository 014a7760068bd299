"""Errands on Fairglass."""

from datetime import timedelta

import pytest

from tests.integration.sites.browsing import NOW, visit


def test_a_town_is_found_by_its_name_and_has_a_month():
    who = visit("weather")
    page = who.get("/search", q="manchester")
    assert page.address.endswith("/town/manchester")
    month = who.get(page.link("Month"))
    assert "March 2026" in month.text
    assert "April 2026" in who.get("/town/manchester/month", m="2026-04").text
    assert who.state()["searches"] == [{"q": "manchester", "found": 1}]


def test_a_day_that_a_task_sets_is_what_the_pages_show():
    day = {"town": "seattle", "days": 1, "high": 31, "low": 19, "sky": "storm", "chance": 90}
    who = visit("weather", overlay={"days": [day]})
    tomorrow = who.get("/town/seattle/tomorrow").text
    assert "31°" in tomorrow
    assert "Thunderstorms" in tomorrow
    date = (NOW.date() + timedelta(days=1)).isoformat()
    assert who.get(f"/town/seattle/{date}").text == tomorrow
    for wrong in ({"town": "nowhere", "high": 3}, {"town": "seattle", "sky": "green"}):
        with pytest.raises(ValueError, match="days"):
            visit("weather", overlay={"days": [wrong]})
    with pytest.raises(ValueError, match="home"):
        visit("weather", overlay={"home": "nowhere"})


def test_a_day_long_ago_or_far_ahead_is_not_there():
    who = visit("weather")
    for day in ("2026-03-16", "2026-03-28", "2026-02-30", "yesterday"):
        assert who.client.get(f"/town/london/{day}").status_code == 404


def test_degrees_are_shown_as_they_were_chosen():
    overlay = {"days": [{"town": "larkfield", "high": -5, "low": -10}]}
    who = visit("weather", overlay=overlay)
    assert "−5°" in who.get("/").text
    who.post("/settings", {"unit": "F", "clock": "12", "home": "larkfield"})
    front = who.get("/").text
    assert "23°" in front
    assert " pm" in front
    assert who.state()["settings"] == {"unit": "F", "clock": "12", "home": "larkfield"}


def test_a_saved_town_is_on_the_front_page_until_it_is_let_go():
    who = visit("weather")
    assert "Saved towns" not in who.get("/").text
    who.post("/town/tokyo/save", {})
    assert "Saved towns" in who.get("/").text
    assert who.state()["saved"] == ["tokyo"]
    who.post("/town/tokyo/save", {})
    assert who.state()["saved"] == []
    assert who.recorded() == ["saved", "unsaved"]


def test_alerts_need_an_address_a_town_and_something_to_warn_of():
    who = visit("weather")
    page = who.post("/alerts", {"email": "me", "town": "", "kinds": "Frogs"})
    for said in ("Enter your mail address", "Choose a town", "Choose what"):
        assert said in page.text
    assert who.state()["alerts"] == []
    who.post("/alerts", {"email": "a@b.example", "town": "miami", "kinds": ["Heat", "Storm"]})
    assert who.state()["alerts"] == [
        {"email": "a@b.example", "town": "miami", "kinds": "Storm, Heat"}
    ]


def test_a_warning_of_a_task_is_on_the_towns_page():
    warning = {"town": "london", "level": "red", "title": "Flood", "body": "Stay in.", "hours": 5}
    who = visit("weather", overlay={"warnings": [warning]})
    assert "Red warning: Flood" in who.get("/town/london").text
    assert "Stay in." in who.get("/warnings").text
