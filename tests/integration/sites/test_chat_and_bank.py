"""Errands on Quill and at Harborline Bank."""

import hashlib

from tests.integration.sites.browsing import Visit, visit


def test_a_question_is_answered_and_kept():
    who = visit("chat")
    page = who.post("/chat", {"message": "How deep is the deepest ocean trench?"})
    assert "Challenger Deep" in page.text
    mine = [row for row in who.state()["messages"] if not row["seeded"]]
    assert [row["role"] for row in mine] == ["user", "assistant"]
    assert "How deep is the deepest" in who.get("/history").text


def test_an_uploaded_file_is_in_the_state_with_its_digest():
    who = visit("chat")
    who.post("/chat", {"message": ""}, files={"files": ("a.txt", b"KEY=1\n", "text/plain")})
    (row,) = who.state()["uploads"]
    assert row["digest"] == hashlib.sha256(b"KEY=1\n").hexdigest()
    assert (row["name"], row["bytes"], row["text"]) == ("a.txt", 6, "KEY=1\n")


def test_nothing_said_is_nothing_sent():
    who = visit("chat")
    assert "Write a message first" in who.post("/chat", {"message": " "}).text
    assert who.records == []


def test_a_chat_can_be_forgotten_and_the_app_and_a_plan_had():
    who = visit("chat")
    who.post("/chat/1/delete", {})
    assert all(row["id"] != 1 for row in who.state()["chats"])
    assert who.client.get("/apps/quill-desktop-1.8.zip").content.startswith(b"PK")
    who.post("/plans", {"plan": "Plus", "email": "a@b.example"})
    who.post("/plans", {"plan": "Plus", "email": "nonsense"})
    assert who.state()["plans_chosen"] == [{"plan": "Plus", "email": "a@b.example"}]
    assert len(who.state()["app_downloads"]) == 1


def test_a_task_brings_its_own_answers():
    who = visit("chat", overlay={"replies": [{"match": ["weather"], "reply": "Rain."}]})
    assert "Rain." in who.post("/chat", {"message": "The weather?"}).text


def _customer() -> Visit:
    return visit("bank", overlay={"signed_in": "m.castellan"})


def _transfer(who: Visit, **change: str) -> dict[str, str]:
    source = who.state()["balances"][0]["number"]
    given = {"name": "Nora", "number": "HL40 2210 7735", "amount": "25.50", "note": "Lunch"}
    return {"source": source, **given, **change}


def test_a_transfer_is_made_only_when_confirmed():
    who = _customer()
    before = who.state()["balances"][0]["cents"]
    assert "Is this right?" in who.post("/transfer", _transfer(who)).text
    assert who.state()["transfers"] == []
    who.post("/transfer", _transfer(who) | {"confirmed": "1"})
    (row,) = who.state()["transfers"]
    assert (row["cents"], row["name"], row["note"]) == (2550, "Nora", "Lunch")
    assert who.state()["balances"][0]["cents"] == before - 2550


def test_a_transfer_that_cannot_be_is_refused_even_if_confirmed():
    who = _customer()
    for change in ({"amount": "9999999"}, {"amount": "-5"}, {"number": "x"}, {"name": ""},
                   {"source": "HL00"}, {"amount": "0"}):  # fmt: skip
        data = _transfer(who, **change) | {"confirmed": "1"}
        assert 'role="alert"' in who.post("/transfer", data).text
    assert who.state()["transfers"] == []


def test_a_statement_is_a_pdf_of_one_month():
    who = _customer()
    page = who.get(who.get("/accounts").link("Current account"))
    answer = who.client.get(page.link("Statement 2026-03"))
    assert answer.content.startswith(b"%PDF")
    assert who.state()["statements"][0]["month"] == "2026-03"


def test_the_bank_shows_nobody_the_accounts_of_another():
    who = visit("bank", overlay={"accounts": [{"user": "other", "password": "Other-Pass-1"}]})
    number = who.state()["balances"][0]["number"].replace(" ", "")
    assert "Keep me signed in" in who.get(f"/accounts/{number}").text
    who.post("/login", {"user": "other", "password": "Other-Pass-1"})
    assert who.client.get(f"/accounts/{number}").status_code == 404
