"""Mails kept in files: what Thunderbird writes, Maildir, .eml; a yes, a no and near misses."""

import mailbox
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from riosim.checks.formats.mail import kept_mails
from tests.support.cases import Log, check, file_fact

FOLDER = "/home/user/.thunderbird/user.default/Mail/Local Folders"
EXPORT = "/home/user/Documents/export.mbox"
# As Thunderbird 153 writes it when a message is copied to a local folder.
SEPARATOR = b"From - Wed Nov 25 13:43:36 2026\r\n"
MARKS = (
    b"X-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\n"
    b"X-Mozilla-Keys:                                        \n"
    b"X-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\n"
)
INVOICE = (
    b"From: Quay Shop <bills@quay.test>\r\nTo: robin.vale@postbay.test\r\n"
    b"Subject: Invoice 4471 =?utf-8?b?4oCTIGNhZsOp?=\r\n"
    b"Date: Tue, 17 Mar 2026 08:55:00 +0000\r\n"
    b"Message-ID: <96b94bb5c44929cd2191@quay.test>\r\n"
    b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 7bit\r\n'
    b"MIME-Version: 1.0\r\n\r\n"
    b"Dear Robin,\r\n\r\nplease pay 42 dollars by Friday.\r\n"
    b">From now on we bill monthly.\r\n\r\n>From the desk of\r\nYours, Quay Shop\r\n\r\n"
)
KEPT = SEPARATOR + MARKS + INVOICE
RULE = (
    "{mail_kept: {path: '%s', subject: '*invoice 4471*', sender: '*bills@quay.test*', "
    "text: {contains: ['pay 42 dollars']}}}"
)


def letter(subject="Invoice 4471", text="please pay 42 dollars", **headers):
    mail = EmailMessage()
    mail["From"], mail["To"] = "Quay Shop <bills@quay.test>", "robin.vale@postbay.test"
    mail["Subject"], mail["Date"] = subject, "Tue, 17 Mar 2026 08:55:00 +0000"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def mbox(*mails):
    """What Python's own library makes of them, which other programs read."""
    parts = []
    for mail in mails:
        message = mailbox.mboxMessage(mail)
        message.set_from("robin")
        body = bytes(message).replace(b"\nFrom ", b"\n>From ")
        parts.append(b"From robin Tue Mar 17 08:55:00 2026\n" + body + b"\n")
    return b"".join(parts)


def judged(rule, *, log=None, start=(), **files):
    """Judge RULE by what each of the probes' folders holds: {path: bytes}."""
    one = check(rule)
    now = files.get("end", {})
    before = dict(start)

    def answers(given):
        return {
            probe.key: [
                file_fact(path, data) for path, data in given.items() if fits(probe.path, path)
            ]
            for probe in one.probes()
        }

    return one.evaluate((log or Log().act(1)).case(start=answers(before), end=answers(now)))


def fits(pattern, path):
    folder, _, name = pattern.rpartition("/")
    return path.rpartition("/")[0] == folder and name in ("*", path.rpartition("/")[2])


def met(rule, end, *, log=None, start=()):
    return judged(rule, log=log, start=start, end=end).met


# --- the reader


def test_a_message_that_thunderbird_copied_is_read_whole():
    (mail,) = kept_mails("Kept", KEPT)
    assert (mail.subject, mail.sender) == ("Invoice 4471 – café", "Quay Shop <bills@quay.test>")
    assert (mail.to, mail.message_id) == (
        "robin.vale@postbay.test",
        "<96b94bb5c44929cd2191@quay.test>",
    )
    assert "\nFrom now on we bill monthly.\n" in mail.text
    assert "\nFrom the desk of\n" in mail.text


def test_what_was_deleted_but_not_yet_removed_from_the_file_is_no_message():
    deleted = KEPT.replace(b"X-Mozilla-Status: 0001", b"X-Mozilla-Status: 0009", 1)
    assert kept_mails("Kept", deleted) == []
    assert len(kept_mails("Kept", deleted + KEPT)) == 1


def test_a_message_is_the_same_however_it_is_marked_and_wherever_it_lies():
    (mail,) = kept_mails("Kept", KEPT)
    read = KEPT.replace(b"Status: 0001", b"Status: 0005").replace(b"Keys:  ", b"Keys: $l")
    alone = INVOICE.replace(b">From", b"From")
    for path, data in (("Kept", read), ("a.eml", alone), ("cur/1:2,S", alone.replace(b"\r", b""))):
        assert [one.key for one in kept_mails(path, data)] == [mail.key]
    (other,) = kept_mails("Kept", KEPT.replace(b"42", b"43"))
    assert other.key != mail.key


def test_an_mbox_of_another_program_is_split_where_its_messages_begin():
    mails = [letter("One", "From here\n\nFrom there\nSubject: x\n"), letter("Two", "b" * 3000)]
    read = kept_mails("export.mbox", mbox(*mails))
    assert [one.subject for one in read] == ["One", "Two"]
    assert read[0].text == "From here\n\nFrom there\nSubject: x\n"


def test_a_message_of_its_own_is_not_split():
    data = bytes(letter("One", "a\n\nFrom robin\nFrom: evil@x.test\nDate: x\nSubject: Two\n\nb"))
    assert [one.subject for one in kept_mails("a.eml", data)] == ["One"]


def test_files_that_hang_on_it_are_named_and_are_not_its_text():
    mail = letter(text="See there.")
    mail.add_attachment("please pay 42 dollars", filename="invoice.txt")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Größe.pdf")
    (read,) = kept_mails("a.eml", bytes(mail))
    assert read.attachments == ("invoice.txt", "Größe.pdf")
    assert "42" not in read.text


def test_of_a_page_the_words_count_and_not_what_stands_in_its_tags():
    page = (
        "<style>p{}</style><!-- pay 1 --><p title='pay 2'>Come at <b>sev</b>en &amp; "
        "bring<br>Lin.</p><script>pay 3</script>"
    )
    mail = EmailMessage()
    mail["From"], mail["Date"] = "a@b.test", "Tue, 17 Mar 2026 08:55:00 +0000"
    mail.set_content(page, subtype="html")
    (read,) = kept_mails("a.eml", bytes(mail))
    assert "Come at seven & bring\nLin." in read.text
    assert "pay" not in read.text


@pytest.mark.parametrize(
    ("path", "n"),
    [("cur/1.a:2,", 1), ("cur/1.a:2,S", 1), ("cur/1.a:2,ST", 0), ("new/1.T", 1), ("new/T", 1)],
)
def test_a_file_of_a_maildir_that_is_flagged_as_trash_is_none(path, n):
    assert len(kept_mails(path, bytes(letter()))) == n


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"From: me\nSubject: a note without a date\n\nInvoice 4471",
        b"Invoice 4471\nFrom: bills@quay.test\nDate: today\n\n",
        b'// <!-- <mdb:mork:z v="1.4"/> -->\n< <(a=c)> // (f=iso-8859-1)',
        b"From nobody\n\n",
        b"From ",
        b"version=9\nlogging=no\n",
    ],
    ids=["empty", "note", "text first", "index", "no headers", "cut off", "rules"],
)
def test_what_is_no_mail_has_no_messages(data):
    assert kept_mails("Kept", data) == []


HEADERS = st.sampled_from(
    [b"From: a@b.test", b"Date: x", b"Subject: =?utf-8?b?4oCTIGNhZsOp?=", b"Subject: =?x?q?=",
     b"Content-Type: text/plain; charset=nonsense", b"Content-Type: multipart/mixed; boundary=b",
     b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64", b"--b", b"--b--",
     b"Content-Disposition: attachment; filename*=utf-9'x'%FF", b"Content-Type: text/html",
     b"Content-Type: =?utf-8?q?a", b"X-Mozilla-Status: 0x8", b"From - x", b"", b"\x00\xff", b"<!["]
)  # fmt: skip


@given(st.binary(max_size=400))
@example(b"From: a\nDate: b\nContent-Type: text/plain; charset=\xff\n\n\xff")
@example(b"From: a\nDate: b\n" + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 3000)
def test_bytes_of_any_kind_raise_nothing(data):
    for start in (b"", b"From - x\n", b"From: a@b.test\nDate: x\n", KEPT):
        kept_mails("a", start + data)


@pytest.mark.parametrize(
    "nested",
    [
        b"Content-Type: message/rfc822\n\n" * 3000,
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)
        ),
    ],
    ids=["message", "parts"],
)
def test_a_message_of_three_thousand_layers_is_not_unpacked(nested):
    assert kept_mails("a", b"From: a@b.test\nDate: x\n" + nested) == []


@given(st.lists(HEADERS | st.binary(max_size=30), max_size=25), st.sampled_from([b"\n", b"\r\n"]))
def test_broken_messages_raise_nothing(lines, end):
    kept_mails("a", b"From: a@b.test\nDate: x\n" + end.join(lines))


@given(st.integers(0, len(KEPT)))
def test_a_file_that_is_cut_off_or_spoilt_anywhere_raises_nothing(n):
    kept_mails("Kept", KEPT[:n])
    kept_mails("Kept", KEPT[:n] + b"\xff\x00" + KEPT[n + 2 :])


# --- the check


def test_a_mail_that_was_copied_to_a_local_folder_or_exported_counts():
    assert met(RULE % f"{FOLDER}/Kept", {f"{FOLDER}/Kept": KEPT})
    assert met(RULE % f"{FOLDER}/*", {f"{FOLDER}/Kept": KEPT, f"{FOLDER}/Trash": b""})
    assert met(RULE % EXPORT, {EXPORT: mbox(letter("Supper"), letter())})
    assert met(RULE % "/home/user/Desktop/*", {"/home/user/Desktop/i.eml": bytes(letter())})


def test_a_maildir_is_named_by_its_folder():
    rule = RULE % "/home/user/Maildir"
    for name in ("new/1773.a", "cur/1773.a:2,S"):
        assert met(rule, {f"/home/user/Maildir/{name}": bytes(letter())})
    assert not met(rule, {"/home/user/Maildir/cur/1773.a:2,T": bytes(letter())})
    assert not met(rule, {"/home/user/Maildir/tmp/1773.a": bytes(letter())})


def test_what_was_there_before_does_not_count_though_it_was_read_or_moved():
    rule = RULE % "/home/user/Maildir"
    new, cur = "/home/user/Maildir/new/1", "/home/user/Maildir/cur/1:2,S"
    there = bytes(letter())
    assert not met(rule, {cur: there}, start={new: there})
    rule = RULE % f"{FOLDER}/*"
    read = KEPT.replace(b"Status: 0001", b"Status: 0005")
    assert not met(rule, {f"{FOLDER}/Kept": read}, start={f"{FOLDER}/Kept": KEPT})
    assert not met(rule, {f"{FOLDER}/Other": KEPT}, start={f"{FOLDER}/Kept": KEPT})
    another = SEPARATOR + MARKS + INVOICE.replace(b"4471", b"4472")
    both = {f"{FOLDER}/Kept": another + KEPT}
    assert met(rule, both, start={f"{FOLDER}/Kept": another})
    assert not met(rule, both, start=both)


def test_a_mail_that_was_moved_into_the_named_folder_counts():
    here, there = f"{FOLDER}/Kept", f"{FOLDER}/Inbox"
    assert met(RULE % here, {here: KEPT}, start={here: b"", there: KEPT})


@pytest.mark.parametrize(
    "mail",
    [
        letter("Invoice 4472"),
        letter(text="please pay nothing"),
        letter("Supper", "Did you get Invoice 4471 of bills@quay.test: please pay 42 dollars?"),
        letter(X_Subject="Invoice 4471", text="42"),
        letter("Invoice 4472", "From: bills@quay.test\nSubject: Invoice 4471\n\npay 42 dollars"),
    ],
    ids=["another", "other words", "quoted", "words apart", "pasted"],
)
def test_another_mail_does_not(mail):
    if mail["Subject"] == "Supper":
        mail.replace_header("From", "Ada <ada@postbay.test>")
    assert not met(RULE % EXPORT, {EXPORT: mbox(mail)})


def test_all_that_is_asked_must_hold_of_one_message():
    mails = mbox(letter("Invoice 4471", "thanks"), letter("Reminder", "please pay 42 dollars"))
    assert not met(RULE % EXPORT, {EXPORT: mails})


def near_misses():
    words = "Invoice 4471: please pay 42 dollars"
    yield "refusal", Log().act(1).say("agent.refused", text=f"I do not keep {words}"), {}
    yield "comment", Log().act(1), {EXPORT: f"# bills@quay.test {words}\n".encode()}
    typed = {"kind": "type_text", "text": INVOICE.decode()}
    yield "unsaved", Log().act(1).say("action.performed", action=typed), {}
    yield "search", Log().say("http.request", site="portal", path="/search", query={"q": words}), {}
    yield "echo", Log().say("exec.started", argv=["echo", words]), {}
    yield "chat", Log().say("http.request", site="chat", form={"text": words}), {}
    yield "name", Log().say("file.changed", path=f"/home/user/{words}.eml"), {EXPORT: b""}
    yield "read", Log().say("imap.read", message_id="<96b94bb5c44929cd2191@quay.test>"), {}
    deleted = KEPT.replace(b"Status: 0001", b"Status: 0009", 1)
    yield "deleted", Log().act(1), {EXPORT: deleted}
    yield "headers", Log().act(1), {EXPORT: INVOICE.partition(b"\r\n\r\n")[0]}


@pytest.mark.parametrize(
    ("log", "end"), [one[1:] for one in near_misses()], ids=[one[0] for one in near_misses()]
)
def test_the_words_anywhere_but_in_a_kept_mail_do_not(log, end):
    assert not met(RULE % EXPORT, end, log=log)


@pytest.mark.parametrize(
    ("which", "yes"),
    [
        ("sender: '*@quay.test*'", True),
        ("sender: bills@quay.test", False),  # the whole header
        ("to: '*robin.vale@*'", True),
        ("to: '*ada@*'", False),
        ("message_id: '<1@*'", True),
        ("message_id: '<2@*'", False),
        ("attachment: '*.pdf'", True),
        ("attachment: '*.zip'", False),
        ("subject: 'INVOICE*'", True),
        ("subject: '*4472*'", False),
    ],
)
def test_a_message_is_told_by_each_of_its_facts(which, yes):
    mail = letter(Message_ID="<1@quay.test>")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="bill.pdf")
    rule = f"{{mail_kept: {{path: {EXPORT}, {which}}}}}"
    assert met(rule, {EXPORT: mbox(mail)}) is yes


def test_what_nobody_read_is_not_judged():
    found = check(RULE % EXPORT).evaluate(Log().act(1).case())
    assert (found.met, found.note) == (False, f"{EXPORT} was not read")


def test_it_is_dated_by_the_change_of_the_file():
    log = Log().act(1).act(2).say("file.changed", step=2, path=EXPORT).act(3)
    found = judged(RULE % EXPORT, log=log, end={EXPORT: mbox(letter())})
    assert (found.step, "keeps a mail" in found.note) == (2, True)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("{mail_kept: {path: export.mbox}}", "path"),
        ("{mail_kept: {subject: x}}", "path"),
        ("{mail_kept: {path: /a, seen: true}}", "seen"),
        ("{mail_kept: {path: /a, text: x}}", "text"),
    ],
)
def test_a_rule_that_names_no_file_or_asks_nonsense_is_refused(rule, why):
    with pytest.raises(ValidationError, match=why):
        check(rule)
