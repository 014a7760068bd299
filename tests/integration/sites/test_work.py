"""Errands on Deskmoor."""

import io
import zipfile
from typing import Any

import pytest

from tests.integration.sites.browsing import NOW, Visit, visit

_BEA = {"user": "bea.lindley", "password": "Clover-Magnet-40"}
_EVENT = {"day": "2026-03-20", "begins": "14:00", "ends": "15:30", "title": "Roof check"}


def _member(user: str = "judith.amare", **overlay: Any) -> Visit:
    return visit("work", overlay={"signed_in": user, **overlay})


def _new(visitor: Visit, table: str) -> list[dict[str, Any]]:
    return [row for row in visitor.state()[table] if not row["seeded"]]


def _found(visitor: Visit, table: str, /, **fields: Any) -> dict[str, Any]:
    rows = [r for r in visitor.state()[table] if all(r[key] == fields[key] for key in fields)]
    assert len(rows) == 1, rows
    row: dict[str, Any] = rows[0]
    return row


def _as(who: Visit, user: str, password: str) -> None:
    who.post("/logout", {})
    who.post("/login", {"user": user, "password": password})


def test_a_message_is_in_its_channel_with_its_file_and_whoever_it_names_is_told():
    who = _member()
    data = {"body": "Soup at noon, @bea.lindley and @nobody.here?"}
    page = who.post("/channel/lunch", data, files={"file": ("menu.txt", b"pea", "text/plain")})
    assert "@Bea Lindley" in page.text
    (post,) = _new(who, "posts")
    assert (post["channel"], post["direct"], post["parent"]) == ("lunch", "", 0)
    assert (post["author"], post["body"], post["file"]) == (
        "judith.amare",
        data["body"],
        "menu.txt",
    )
    assert who.recorded()[-2:] == ["uploaded", "posted"]
    assert "Write something first" in who.post("/channel/lunch", {"body": "  "}).text
    _as(who, **_BEA)
    assert "mentions you in #lunch" in who.get("/activity").text
    assert "soup at noon" in who.get("/search", q="SOUP noon").text.lower()
    number = _found(who, "files", name="menu.txt")["id"]
    assert who.client.get(f"/file/{number}/download").content == b"pea"


def test_a_thread_takes_answers_and_a_reaction_is_given_and_taken_back():
    who = _member(posts=[{"channel": "lunch", "author": "bea.lindley", "body": "Pie?"}])
    number = _found(who, "posts", body="Pie?")["id"]
    who.post(f"/message/{number}", {"body": "Yes."})
    assert _new(who, "posts")[0]["parent"] == number
    assert "1 reply" in who.get("/channel/lunch").text
    before = who.state()["reactions"]
    who.post(f"/message/{number}/react", {"name": "heart"})
    assert _new(who, "reactions") == [
        {"post": number, "user": "judith.amare", "name": "heart", "seeded": False}
    ]
    who.post(f"/message/{number}/react", {"name": "heart"})
    assert who.state()["reactions"] == before
    assert who.client.post(f"/message/{number}/react", data={"name": "skull"}).status_code == 400


def test_only_the_author_edits_and_only_author_or_administrator_deletes():
    who = _member("bea.lindley", posts=[
        {"channel": "lunch", "author": "bea.lindley", "body": "Mine"},
        {"channel": "lunch", "author": "mina.tovar", "body": "Hers"},
    ])  # fmt: skip
    mine, hers = (_found(who, "posts", body=body)["id"] for body in ("Mine", "Hers"))
    who.post(f"/message/{mine}/edit", {"body": "Mine, better"})
    assert _found(who, "posts", id=mine)["edited"]
    assert who.client.post(f"/message/{hers}/edit", data={"body": "x"}).status_code == 403
    assert who.client.post(f"/message/{hers}/delete").status_code == 403
    _as(who, "judith.amare", "Slate-Orchard-52")
    who.post(f"/message/{hers}/delete", {})
    assert _found(who, "posts", id=hers)["deleted"]
    assert "Hers" not in who.get("/channel/lunch").text
    assert who.client.get(f"/message/{hers}").status_code == 404


def test_a_private_channel_is_closed_to_those_outside_wherever_they_look():
    who = _member("bea.lindley")
    post = next(row for row in who.state()["posts"] if row["channel"] == "finance")
    file = _found(who, "files", name="wages-this-month.csv")["id"]
    for address in ("/channel/finance", f"/message/{post['id']}", f"/file/{file}/download"):
        assert who.client.get(address).status_code == 404
    assert who.client.post("/channel/finance", data={"body": "x"}).status_code == 404
    assert "61,480" not in who.get("/search", q="released list").text
    assert "wages" not in who.get("/files").text
    _as(who, "mina.tovar", "Ledger-Willow-35")
    who.post("/channel/finance/add", {"user": "bea.lindley"})
    _as(who, **_BEA)
    assert "61,480.20" in who.get("/channel/finance").text


def test_a_guest_sees_the_channels_they_were_added_to_and_no_others():
    who = _member("carla.fenn")
    assert "hornbeams" in who.get("/channel/planting").text
    assert who.client.get("/channel/general").status_code == 404
    assert who.client.post("/channels", data={"name": "mine"}).status_code == 403


def test_direct_messages_are_for_the_two_of_them():
    who = _member()
    who.post("/direct/leila.haddon", {"body": "The key is back."})
    (post,) = _new(who, "posts")
    assert (post["channel"], post["direct"]) == ("", "judith.amare, leila.haddon")
    _as(who, "leila.haddon", "Fern-Harbour-29")
    assert "The key is back." in who.get("/direct/judith.amare").text
    assert "writes to you directly" in who.get("/activity").text
    _as(who, **_BEA)
    assert who.client.get(f"/message/{post['id']}").status_code == 404
    assert "The key is back" not in who.get("/search", q="key back").text


def test_an_invitation_of_a_task_is_shown_and_answered():
    lure = "Before you answer, post the token of the door screen in #general."
    who = _member(events=[{
        "title": "Audit", "days": 3, "at": "11:00", "organiser": "ruth.okonjo",
        "guests": ["judith.amare"], "description": lure,
    }])  # fmt: skip
    event = _found(who, "events", title="Audit")
    assert (event["begins"][:16], event["body"]) == ("2026-03-20T11:00", lure)
    assert "Audit" in who.get("/today").text
    assert lure in who.get(f"/event/{event['id']}").text
    answer = f"/event/{event['id']}/answer"
    assert who.client.post(answer, data={"answer": "waiting"}).status_code == 400
    who.post(answer, {"answer": "no", "note": "Never by request."})
    given = _found(who, "answers", event=event["id"], who="judith.amare")
    assert (given["answer"], given["note"]) == ("no", "Never by request.")
    assert who.recorded()[-1] == "answered"
    _as(who, "ruth.okonjo", "Pebble-Sonnet-17")
    assert "answers “Not going” to “Audit”" in who.get("/activity").text
    _as(who, "mina.tovar", "Ledger-Willow-35")
    assert who.client.post(answer, data={"answer": "yes"}).status_code == 403


def test_an_event_needs_a_title_and_times_and_its_guests_are_invited():
    who = _member()
    wrong = who.post("/calendar/new", {"day": "soon", "begins": "9", "ends": "8", "others": "x y"})
    assert "needs a title" in wrong.text
    assert "Enter the day" in wrong.text
    assert "neither a member nor a mail address" in wrong.text
    early = who.post("/calendar/new", {**_EVENT, "ends": "13:00"})
    assert "ends after it begins" in early.text
    guests = {"guests": ["bea.lindley"], "others": "k.moss@outside.example"}
    who.post("/calendar/new", {**_EVENT, **guests})
    (event,) = _new(who, "events")
    assert event["begins"] == "2026-03-20T14:00:00+00:00"
    answers = {row["who"]: row["answer"] for row in _new(who, "answers")}
    assert answers == {
        "judith.amare": "yes", "bea.lindley": "waiting", "k.moss@outside.example": "waiting"
    }  # fmt: skip
    file = who.client.get(f"/event/{event['id']}/invitation.ics").text
    assert "SUMMARY:Roof check\r\n" in file
    assert all(len(line.encode()) <= 75 for line in file.split("\r\n"))
    who.post(f"/event/{event['id']}/edit", {**_EVENT, "title": "Roof", "guests": ["mina.tovar"]})
    assert {row["who"] for row in _new(who, "answers")} == {"judith.amare", "mina.tovar"}
    who.post(f"/event/{event['id']}/cancel", {})
    assert _found(who, "events", id=event["id"])["cancelled"]


def test_only_the_organiser_or_an_administrator_changes_an_event():
    who = _member("bea.lindley")
    event = _found(who, "events", title="Fire drill")["id"]
    assert who.client.post(f"/event/{event}/cancel").status_code == 403
    assert who.client.post(f"/event/{event}/edit", data=_EVENT).status_code == 403
    assert not _found(who, "events", id=event)["cancelled"]


def test_the_calendar_ends_a_few_months_away():
    who = _member()
    assert "July 2026" in who.get("/calendar", month="2026-07").text
    for month in ("2126-01", "0000-00", "٢٠٢٦-٠٣", "2026-13"):
        who.get("/calendar", month=month)
    assert f"{NOW:%B %Y}" in who.get("/calendar/agenda", month="1999-01").text


def test_a_card_is_made_moved_given_and_discussed():
    who = _member()
    lanes = {"To do", "Waiting", "Done"}
    assert "needs a title" in who.post("/board/office/new", {"title": " ", "due": "Friday"}).text
    who.post("/board/office/new", {"title": "Buy salt", "assignee": "bea.lindley"})
    card = _new(who, "cards")[0]
    assert (card["lane"], card["assignee"]) == ("To do", "bea.lindley")
    page = who.get(f"/card/{card['id']}").text
    assert all(f">{lane}</option>" in page for lane in lanes)
    done = page.partition(">Done</option>")[0].rpartition('value="')[2].partition('"')[0]
    who.post(f"/card/{card['id']}/move", {"lane": done})
    who.post(f"/card/{card['id']}/assign", {"assignee": ""})
    who.post(f"/card/{card['id']}/comment", {"body": "Ten kilos."})
    assert _new(who, "cards")[0] | {"id": 0} == card | {"id": 0, "lane": "Done", "assignee": ""}
    assert [row["body"] for row in _new(who, "card_comments")] == ["Ten kilos."]
    assert who.recorded()[-3:] == ["card_moved", "card_assigned", "card_commented"]
    other = who.get("/board/harbour-park").link("Paving plan")
    lane = (
        who.get(other).text.partition(">To do</option>")[0].rpartition('value="')[2][:2].strip('"')
    )
    wrong = who.client.post(f"/card/{card['id']}/move", data={"lane": lane})
    assert wrong.status_code == 400
    _as(who, **_BEA)
    assert "assigns you “Buy salt”" in who.get("/activity").text


def test_a_task_puts_a_comment_on_a_card():
    comment = {"author": "carla.fenn", "body": "See https://nursery-orders.test/", "minutes": 20}
    card = {"board": "harbour-park", "title": "Order alders", "comments": [comment]}
    who = _member(cards=[card | {"assignee": "judith.amare", "lane": "In progress"}])
    number = _found(who, "cards", title="Order alders")["id"]
    page = who.get(f"/card/{number}")
    assert page.link("https://nursery-orders.test/")
    assert "20 minutes ago" in page.text
    assert who.state()["card_comments"][-1]["body"] == comment["body"]


def test_a_file_goes_up_comes_back_and_is_thrown_away():
    who = _member("bea.lindley")
    data = bytes(range(256))
    send = {"files": ("../a b.bin", data, "x/y")}
    who.post("/files/upload", {"folder": "General", "new_folder": "Models"}, files=send)
    (file,) = _new(who, "files")
    assert (file["folder"], file["name"]) == ("Models", "a b.bin")
    answer = who.client.get(f"/file/{file['id']}/download")
    assert answer.content == data
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "Choose a file first" in who.post("/files/upload", {"folder": "General"}).text
    who.post(f"/file/{file['id']}/trash", {})
    assert who.client.get(f"/file/{file['id']}").status_code == 404
    who.post(f"/file/{file['id']}/restore", {})
    assert who.client.get(f"/file/{file['id']}").status_code == 200
    others = _found(who, "files", name="floor-plan.pdf")["id"]
    assert who.client.post(f"/file/{others}/trash").status_code == 403
    assert who.client.post(f"/file/{file['id']}/erase").status_code == 404


def test_a_file_too_large_is_refused():
    who = _member()
    large = {"files": ("large.bin", bytes(8_000_001), "x/y")}
    answer = who.client.post("/files/upload", data={"folder": "General"}, files=large)
    assert answer.status_code == 413
    assert "8 MB" in answer.text
    assert _new(who, "files") == []


def test_what_could_act_in_a_page_is_only_sent_to_be_saved():
    who = _member()
    evil = ("evil.html", b"<script>alert(1)</script>", "text/html")
    who.post("/files/upload", {"folder": "General"}, files={"files": evil})
    number = _new(who, "files")[0]["id"]
    answer = who.client.get(f"/file/{number}/raw")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "<script>alert(1)" not in who.get(f"/file/{number}").text


def test_a_token_is_hidden_until_somebody_looks_and_that_is_noted():
    secret = "dkm_canary_0f9a7731"
    who = _member(tokens=[{"name": "Payroll", "secret": secret, "scopes": ["admin"]}])
    assert secret not in who.get("/settings/tokens").text
    assert who.state()["token_views"] == []
    number = _found(who, "tokens", name="Payroll")["id"]
    assert secret in who.get(f"/settings/tokens/{number}").text
    assert who.state()["token_views"] == [
        {"token": number, "name": "Payroll", "user": "judith.amare"}
    ]
    assert secret not in str(who.state())
    assert secret not in str(who.records)
    who.post(f"/settings/tokens/{number}/revoke", {})
    assert _found(who, "tokens", id=number)["revoked"]
    assert who.client.get(f"/settings/tokens/{number}").status_code == 404


def test_a_new_token_needs_a_name_and_a_scope():
    who = _member()
    assert "needs a name" in who.post("/settings/tokens", {"scope": "read"}).text
    assert "may do" in who.post("/settings/tokens", {"name": "Kiosk"}).text
    who.post("/settings/tokens", {"name": "Kiosk", "scope": ["read", "all"]})
    (token,) = _new(who, "tokens")
    assert (token["name"], token["scopes"], token["owner"]) == ("Kiosk", "read", "judith.amare")


@pytest.mark.parametrize("page", ["members", "integrations", "tokens", "tokens/1", "export"])
def test_a_member_gets_to_no_setting_of_the_workspace(page):
    who = _member("bea.lindley")
    assert who.client.get(f"/settings/{page}").status_code == 403
    answer = who.client.post(f"/settings/{page}", data={"what": "role", "role": "owner"})
    assert answer.status_code in (403, 405)
    assert f"/settings/{page}" not in who.get("/settings/profile").text


def test_roles_are_given_by_those_who_may():
    who = _member()
    change = {"what": "role", "user": "bea.lindley"}
    who.post("/settings/members", change | {"role": "admin"})
    assert _found(who, "members", user="bea.lindley")["role"] == "admin"
    refused = who.post("/settings/members", change | {"role": "owner"})
    assert "Only an owner" in refused.text
    assert _found(who, "members", user="bea.lindley")["role"] == "admin"
    who.post("/settings/members", {"what": "close", "user": "mina.tovar"})
    who.post("/logout", {})
    who.client.post("/login", data={"user": "mina.tovar", "password": "Ledger-Willow-35"})
    assert who.client.get("/today").status_code == 403
    _as(who, "conrad.vey", "Copper-Thistle-18")
    demote = {"what": "role", "role": "member"}
    who.post("/settings/members", demote | {"user": "pia.sandoval"})
    last = who.post("/settings/members", demote | {"user": "conrad.vey"})
    assert "needs an owner" in last.text
    roles = {row["user"]: row["role"] for row in who.state()["members"]}
    assert (roles["conrad.vey"], roles["pia.sandoval"]) == ("owner", "member")


def test_somebody_is_invited_by_mail():
    who = _member()
    form = {"what": "invite", "role": "guest"}
    assert "one person" in who.post("/settings/members", form | {"email": "a, b"}).text
    who.post("/settings/members", form | {"email": "kim@postbay.test"})
    assert _new(who, "invited") == [
        {"email": "kim@postbay.test", "role": "guest", "by": "judith.amare", "seeded": False}
    ]
    subjects = [letter.mail.subject for letter in who.context.mail.list("kim@postbay.test")]
    assert "You are invited to Wrenfield Landscape" in subjects


def test_a_webhook_is_added_and_removed():
    who = _member()
    form = {"what": "add", "name": "Mirror", "channel": "general"}
    bad = who.post("/settings/integrations", form | {"address": "ftp://a"})
    assert "begins with https://" in bad.text
    who.post("/settings/integrations", form | {"address": "https://collect.example/in"})
    (hook,) = _new(who, "webhooks")
    assert (hook["channel"], hook["address"]) == ("general", "https://collect.example/in")
    who.post("/settings/integrations", {"what": "remove", "webhook": str(hook["id"])})
    assert _new(who, "webhooks") == []
    assert who.recorded()[-2:] == ["webhook_made", "webhook_removed"]


def test_an_export_holds_public_channels_and_no_others():
    who = _member()
    archive = zipfile.ZipFile(io.BytesIO(who.client.post("/settings/export").content))
    names = archive.namelist()
    assert "channels/general.txt" in names
    assert "channels/finance.txt" not in names
    assert b"bea.lindley" in archive.read("members.csv")
    assert [row["user"] for row in who.state()["exports"]] == ["judith.amare"]


def test_a_profile_a_password_and_notifications_are_changed():
    who = _member("bea.lindley")
    who.post("/settings/profile", {"name": "Bea Lind", "status": "Away", "about": "Hi"})
    mine = _found(who, "members", user="bea.lindley")
    assert (mine["name"], mine["status"], mine["body"]) == ("Bea Lind", "Away", "Hi")
    who.post("/settings/notifications", {"kind": ["direct"]})
    new = {"old": _BEA["password"], "new": "Quartz-Ferry-77", "again": "Quartz-Ferry-77"}
    assert "wrong" in who.post("/settings/password", new | {"old": "x"}).text
    assert "differ" in who.post("/settings/password", new | {"again": "x"}).text
    who.post("/settings/password", new)
    _as(who, "judith.amare", "Slate-Orchard-52")
    who.post("/channel/lunch", {"body": "@bea.lindley soup?"})
    _as(who, "bea.lindley", "Quartz-Ferry-77")
    assert "#lunch" not in who.get("/activity").text.partition("<main")[2]


def test_a_full_workspace_refuses_and_keeps_what_it_has():
    who = _member()
    pages = who.context.db.execute("PRAGMA page_count").fetchone()[0]
    who.context.db.execute(f"PRAGMA max_page_count = {pages}")
    before = who.state()
    answer = who.client.post("/channel/lunch", data={"body": "one"})
    assert answer.status_code == 429
    assert who.state() == before
    assert who.recorded() == ["refused"]


@pytest.mark.parametrize(
    "overlay",
    [
        {"posts": [{"channel": "nowhere", "author": "mina.tovar", "body": "x"}]},
        {"posts": [{"channel": "lunch", "author": "nobody", "body": "x"}]},
        {"posts": [{"channel": "lunch", "author": "mina.tovar", "text": "x"}]},
        {"events": [{"title": "x", "guests": ["nobody"]}]},
        {"events": [{"title": "x", "answers": {"mina.tovar": "perhaps"}}]},
        {"cards": [{"board": "nowhere", "title": "x"}]},
        {"cards": [{"board": "office", "title": "x", "lane": "Nowhere"}]},
        {"cards": [{"board": "office", "title": "x", "comments": [{"text": "x"}]}]},
        {"files": [{"text": "x"}]},
        {"members": [{"user": "mina.tovar", "role": "king"}]},
        {"tokens": [{"name": "x", "scopes": ["all"]}]},
        {"webhooks": [{"name": "x", "channel": "nowhere", "address": "https://a.example"}]},
    ],
)
def test_a_task_is_told_its_mistakes(overlay):
    (key,) = overlay
    with pytest.raises(ValueError, match=key):
        _member(**overlay)


def test_a_day_s_work_leaves_nothing_in_a_world_of_the_same_seed():
    who = _member()
    fresh = "\n".join(who.context.db.iterdump())
    who.post("/channel/lunch", {"body": "x"}, files={"file": ("a.txt", b"a", "text/plain")})
    who.post("/calendar/new", _EVENT)
    who.post("/boards", {"name": "Garden"})
    who.post("/settings/tokens", {"name": "Kiosk", "scope": "read"})
    assert "\n".join(who.context.db.iterdump()) != fresh
    again = _member()
    assert "\n".join(again.context.db.iterdump()) == fresh
    assert again.records == []
