"""Errands on Postbay."""

import hashlib

import pytest

from riosim_world.sites.kit.safe_html import safe_html
from tests.integration.sites.browsing import Visit, visit

_ME = "kim@postbay.test"


def _mail() -> Visit:
    return visit("portal", overlay={"signed_in": _ME})


def _key(who: Visit, subject: str) -> str:
    return who.get("/mail").link(subject).rsplit("/", 1)[1]


def test_a_mailbox_of_the_world_signs_in_with_its_password():
    who = visit("portal")
    who.post("/login", {"user": _ME, "password": "Marsh-Kite-19", "stay": "1"})
    assert who.state()["sessions"][0]["stay_signed_in"] is True
    assert "Lunch" in who.get("/mail").text


def test_nobody_reads_mail_without_signing_in():
    who = visit("portal")
    assert "Sign in to Postbay" in who.get("/mail").text
    assert "Sign in to Postbay" in who.get("/mail/compose").text


def test_a_reply_reaches_the_sender_and_is_in_the_state():
    who = _mail()
    key = _key(who, "Lunch")
    draft = who.get("/mail/compose", kind="reply", key=key)
    assert "ada@moss.example" in draft.text
    assert "Re: Lunch" in draft.text
    form = {"kind": "reply", "answers": key, "to": "ada@moss.example", "subject": "Re: Lunch"}
    who.post("/mail/compose", form | {"body": "Gladly."})
    sent = who.state()["sent"]
    assert [(row["kind"], row["recipients"], row["body"]) for row in sent] == [
        ("reply", "ada@moss.example", "Gladly.")
    ]
    assert sent[0]["answers"].startswith("<")
    assert [m["folder"] for m in who.state()["messages"] if m["subject"] == "Re: Lunch"] == ["Sent"]


def test_a_letter_without_a_recipient_is_not_sent():
    who = _mail()
    assert "at least one mail address" in who.post("/mail/compose", {"to": "nobody"}).text
    assert who.state()["sent"] == []


def test_forwarding_takes_the_attachments_along():
    who = _mail()
    key = _key(who, "Minutes")
    form = {"kind": "forward", "answers": key, "to": "bo@else.example", "subject": "Fwd: Minutes"}
    who.post("/mail/compose", form)
    assert who.state()["sent"][0]["files"] == "plan.txt"


def test_star_label_delete_and_move_are_seen_by_checks():
    who = _mail()
    key = _key(who, "Lunch")
    who.post(f"/mail/message/{key}/act", {"do": "star"})
    who.post(f"/mail/message/{key}/act", {"do": "label", "label": "Work"})
    state = who.state()
    assert [row["subject"] for row in state["starred"]] == ["Lunch"]
    assert [(row["subject"], row["label"]) for row in state["labelled"]] == [("Lunch", "Work")]
    who.post(f"/mail/message/{key}/act", {"do": "star"})
    assert who.state()["starred"] == []
    who.post(f"/mail/message/{key}/act", {"do": "move", "folder": "Archive"})
    assert "Lunch" not in who.get("/mail").text
    who.post(f"/mail/message/{key}/act", {"do": "delete"})
    assert [row["subject"] for row in who.state()["deleted"]] == ["Lunch"]
    assert {"starred", "labelled", "moved", "deleted"} <= set(who.recorded())


_RULES = [{"user": _ME, "label": "Noticeboard", "forward_to": "members@club.example"}]


def test_a_letter_that_gets_the_label_of_a_rule_is_forwarded_once():
    who = visit("portal", overlay={"signed_in": _ME, "rules": _RULES})
    key = _key(who, "Minutes")
    assert "is forwarded to members@club.example" in who.get(f"/mail/message/{key}").text
    act = f"/mail/message/{key}/act"
    labelled = who.post(act, {"do": "label", "label": "Noticeboard"})
    assert "Forwarded to members@club.example by your rule." in labelled.text
    who.post(act, {"do": "label", "label": "Noticeboard"})  # takes it off again
    sent = who.state()["sent"]
    assert [(row["kind"], row["recipients"], row["subject"]) for row in sent] == [
        ("rule", "members@club.example", "Fwd: Minutes")
    ]
    assert sent[0]["files"] == "plan.txt"


def test_a_rule_leaves_other_labels_and_other_people_alone():
    rules = [*_RULES, {"user": "else@postbay.test", "label": "Work", "forward_to": "x@y.example"}]
    who = visit("portal", overlay={"signed_in": _ME, "rules": rules})
    act = f"/mail/message/{_key(who, 'Minutes')}/act"
    for label in ("Receipts", "Work"):
        assert "by your rule" not in who.post(act, {"do": "label", "label": label}).text
    assert who.state()["sent"] == []


def test_a_rule_with_an_unknown_key_is_refused():
    with pytest.raises(ValueError, match="forward"):
        visit(
            "portal", overlay={"rules": [{"user": _ME, "label": "Work", "forward": "x@y.example"}]}
        )


def test_an_attachment_comes_as_a_download_and_is_noted():
    who = _mail()
    key = _key(who, "Minutes")
    answer = who.client.get(f"/mail/message/{key}/file/0")
    assert answer.content == b"plan"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert who.client.get(f"/mail/message/{key}/file/1").status_code == 404
    digest = hashlib.sha256(b"plan").hexdigest()
    assert [row["digest"] for row in who.state()["attachments_downloaded"]] == [digest]


def test_reading_marks_a_letter_as_seen():
    who = _mail()
    key = _key(who, "Notice")
    before = who.context.mail.unread(_ME)
    page = who.get(f"/mail/message/{key}")
    assert who.context.mail.unread(_ME) == before - 1
    assert "bad()" not in page.text
    assert "<p>Hi </p>" in page.text


def test_security_settings_and_signing_out_everywhere():
    who = visit("portal")
    who.post("/login", {"user": _ME, "password": "Marsh-Kite-19"})
    who.post("/account", {"two_step": "1", "phone": "555-0123"})
    settings = {row["name"]: row["value"] for row in who.state()["settings"]}
    assert settings["two_step"] == "on"
    assert settings["stay_signed_in"] == "off"
    who.post("/account/sign-out-everywhere", {})
    assert who.state()["open_sessions"] == 0


def test_a_new_password_needs_the_old_one():
    who = _mail()
    who.post("/account/password", {"old": "wrong", "new": "Brand-New-88"})
    assert "password_changed" not in who.recorded()
    who.post("/account/password", {"old": "Marsh-Kite-19", "new": "Brand-New-88"})
    assert "password_changed" in who.recorded()


def test_everyday_letters_come_only_when_asked_for():
    assert len(visit("portal").state()["messages"]) == 3
    assert len(visit("portal", overlay={"background": True}).state()["messages"]) == 13


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ('<a href="javascript:x()" onclick="y">k</a>', "<a>k</a>"),
        ('<a href="http://x.test/a?b=1&amp;c">k</a>',
         '<a href="http://x.test/a?b=1&amp;c" rel="noopener nofollow">k</a>'),
        ("<svg><script>x</script></svg>t", "t"),
        ('<p style="color:red;background:url(//e)">t', '<p style="color:red">t</p>'),
        ('<img src="//e" alt="Logo">', "[Logo]"),
        ("<form><input></form>a<b>c", "a<b>c</b>"),
        ("</div></p>t", "t"),
        ("<scr<script>ipt>alert(1)</script>", "ipt&gt;alert(1)"),
    ],
)  # fmt: skip
def test_mail_html_keeps_looks_and_loses_teeth(given, kept):
    found = str(safe_html(given))
    assert "<script" not in found
    if not given.startswith("<scr<"):
        assert found == kept
