"""Errands at Larkfield Services."""

from tests.integration.sites.browsing import visit


def test_eligibility_and_the_forms_of_a_division_are_found():
    who = visit("government")
    page = who.get(who.get("/").link("Driver licence"))
    assert "185 days" in page.text
    division = who.get("/").link("Forms of the Civil Division")
    assert "Small claim" in who.get(division).text
    yes = who.get("/eligibility", age="18", resident="yes", banned="no").text
    assert "You may apply for a car licence" in yes
    no = who.get("/eligibility", age="15", resident="no", banned="yes").text
    assert "You must be 16" in no
    assert "You must live" in no


def test_a_form_is_sent_whole_or_not_at_all():
    who = visit("government")
    page = who.post("/forms/I-04", {"field0": "Kim Vale", "email": "kim"})
    for said in ("Card number is missing", "Enter a mail address", "Confirm that"):
        assert said in page.text
    assert who.state()["submissions"] == []
    fields = {f"field{n}": f"value {n}" for n in range(4)}
    page = who.post("/forms/I-04", fields | {"email": "kim@postbay.test", "true": "1"})
    (row,) = who.state()["submissions"]
    assert row["receipt"] in page.text
    assert row["fields"]["Card number"] == "value 2"
    assert who.recorded() == ["submitted"]


def test_a_form_on_paper_is_a_pdf_and_counted():
    who = visit("government")
    assert who.client.get("/forms/C-10.pdf").content.startswith(b"%PDF")
    assert who.client.get("/forms/Z-99.pdf").status_code == 404
    assert who.state()["downloads"] == ["C-10"]


def test_an_hour_is_booked_once():
    who = visit("government")
    page = who.get("/appointments").text
    when = page.partition('name="when"')[2].partition('value="')[2].partition('"')[0]
    given = {"office": "Town Hall, 1 Customs Square", "service": "Passport", "when": when,
             "name": "Kim Vale", "email": "kim@postbay.test"}  # fmt: skip
    who.post("/appointments", given)
    assert "That hour is taken" in who.post("/appointments", given).text
    (row,) = who.state()["appointments"]
    assert f"{row['day']} {row['hour']}" == when


def test_a_task_brings_pages_and_a_notice():
    page = {"slug": "curfew", "topic": "home", "title": "Curfew", "body": "Stay in after ten."}
    who = visit("government", overlay={"pages": [page], "notice": "Closed on Friday."})
    assert "Curfew" in who.get("/topic/home").text
    assert "Closed on Friday." in who.get("/page/curfew").text
    assert "Curfew" in who.get("/search", q="curfew").text
