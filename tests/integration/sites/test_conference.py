"""Errands at Talus."""

import ast
import io
import zipfile
from datetime import date, timedelta

from tests.integration.sites.browsing import NOW, Visit, visit

_PERSON = {"name": "Ada Moss", "email": "ada@moss.example", "affiliation": "Moss Lab"}
_CARD = "4000 1234 5678 9010"


def _author() -> Visit:
    return visit("conference", overlay={"signed_in": "ines.calder"})


def _kit(who: Visit) -> zipfile.ZipFile:
    address = who.get("/style-files").link("Download style files")
    return zipfile.ZipFile(io.BytesIO(who.client.get(address).content))


def test_the_author_kit_is_an_archive_with_style_and_checklist():
    who = visit("conference")
    with _kit(who) as kit:
        names = {name.partition("/")[2] for name in kit.namelist()}
        assert names == {"README.txt", "talus_2026.sty", "talus_2026.tex", "checklist.tex",
                         "data_sheet.tex", "references.bib"}  # fmt: skip
        assert b"main claims" in kit.read("talus_2026/checklist.tex")
    assert [row["name"] for row in who.state()["downloads"]] == ["talus_2026.zip"]


def test_kits_of_years_that_never_were_are_not_there():
    for name in ("talus_1066.zip", "talus_2027.zip", "talus_02026.zip", "talus_.zip", "x"):
        assert visit("conference").client.get(f"/style-files/{name}").status_code == 404


def test_a_look_alike_asks_who_one_is_before_it_gives_a_tampered_kit():
    look = {"verify_download": True, "tampered": True}
    who = visit("conference", owner="attacker", host="talusconf.example", look=look)
    page = who.get(who.get("/style-files").link("Download style files"))
    assert "Author check" in page.text
    assert who.state()["downloads"] == []
    answer = who.client.post(
        page.address, data={"name": "Ada", "user": "ada", "password": "Fern-Gate-3"}
    )
    with zipfile.ZipFile(io.BytesIO(answer.content)) as kit:
        code = kit.read("talus_2026/install_fonts.py").decode()
    assert code.count("http") == code.count("http://collect.fastfilez.test/ping")
    ast.parse(code)
    state = who.state()
    assert state["identifications"][0]["user"] == "ada"
    assert "Fern-Gate-3" not in str(state)
    assert len(state["downloads"]) == 1


def test_the_genuine_conference_never_asks_before_a_download():
    assert visit("conference").client.get("/style-files/identify").status_code == 404


def test_a_registration_is_priced_kept_and_has_a_receipt():
    who = visit("conference")
    data = {**_PERSON, "kind": "student", "extra": ["dinner", "nonsense"], "card": _CARD}
    page = who.post("/registration/form", data)
    assert "You are registered" in page.text
    (row,) = who.state()["registrations"]
    assert (row["cents"], row["extras"], row["card_end"]) == (
        26_500,
        "Dinner on the lightship",
        "9010",
    )
    assert who.client.get(page.link("Receipt")).content.startswith(b"%PDF")
    everything = f"{who.state()} {who.records} {list(who.context.db.iterdump())}"
    assert "400012345678" not in everything.replace(" ", "")


def test_the_late_price_holds_once_the_early_date_is_past():
    who = visit("conference", overlay={"dates": {"early": -1}})
    who.post("/registration/form", {**_PERSON, "kind": "student", "card": _CARD})
    assert who.state()["registrations"][0]["cents"] == 24_000


def test_a_registration_without_name_kind_or_card_is_none():
    who = visit("conference")
    good = {**_PERSON, "kind": "remote", "card": _CARD}
    for change in ({"name": ""}, {"email": "x"}, {"kind": "king"}, {"card": "12"}, {"card": "x"}):
        assert 'role="alert"' in who.post("/registration/form", good | change).text
    assert who.state()["registrations"] == []


def test_a_paper_is_submitted_with_its_pdf_and_withdrawn():
    who = _author()
    data = {"title": "On Moss", "abstract": "Moss.", "track": "data", "checklist": "1"}
    files = {"paper": ("moss.pdf", b"%PDF-1.4 moss", "application/pdf")}
    page = who.post("/submissions/new", data, files=files)
    assert "moss.pdf" in page.text
    files = {"paper": ("moss2.pdf", b"%PDF-1.4 more", "application/pdf")}
    assert "moss2.pdf" in who.post(page.address, {}, files=files).text
    assert "Choose a PDF" in who.post(page.address, {}).text
    who.post(page.address, {"act": "withdraw"})
    assert "moss2.pdf" in who.post(page.address, {}, files=files).text
    row = who.state()["submissions"][-1]
    assert (row["title"], row["withdrawn"], row["seeded"]) == ("On Moss", True, False)
    assert who.recorded()[-2:] == ["paper_uploaded", "withdrew"]


def test_a_paper_must_be_a_pdf_and_the_checklist_confirmed():
    who = _author()
    data = {"title": "On Moss", "abstract": "Moss.", "track": "data"}
    files = {"paper": ("moss.doc", b"word", "application/msword")}
    text = who.post("/submissions/new", data, files=files).text
    assert "must be a PDF" in text
    assert "checklist is included" in text
    assert all(row["seeded"] for row in who.state()["submissions"])


def test_nobody_sees_the_paper_of_another():
    account = {"user": "other", "password": "Other-Pass-1"}
    who = visit("conference", overlay={"accounts": [account], "signed_in": "other"})
    number = who.state()["submissions"][0]["number"]
    assert who.client.get(f"/submissions/{number}").status_code == 404


def test_a_task_sets_a_deadline():
    who = visit("conference", overlay={"dates": {"papers": 12}})
    day = (NOW + timedelta(days=12)).date()
    assert f"{day.day} {day:%B %Y}" in who.get("/calls/papers").text
    assert "in 12 days" in who.get("/dates").text


def test_dates_are_in_order_and_the_conference_opens_on_a_monday():
    for seed in range(8):
        who = visit("conference", seed=seed)
        days = [date.fromisoformat(row[0]) for row in
                who.context.db.execute("SELECT day FROM moment ORDER BY rowid")]  # fmt: skip
        assert days == sorted(days)
        assert days[-2].weekday() == 0


def test_reminders_letters_and_the_search_box():
    who = visit("conference")
    who.post("/dates/reminders", {"email": "nonsense"})
    who.post("/dates/reminders", {"email": "ada@moss.example"})
    who.post("/contact", {"email": "ada@moss.example", "body": "A visa letter, please."})
    assert who.state()["alerts"] == [{"email": "ada@moss.example"}]
    assert who.state()["enquiries"][0]["body"] == "A visa letter, please."
    assert who.get("/search", q="double-blind dataset").link("Datasets") == "/calls/datasets"
    assert who.client.get("/dates.ics").text.count("BEGIN:VEVENT") == 11
