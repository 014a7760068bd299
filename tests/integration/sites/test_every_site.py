"""What every site promises."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.sites.browsing import NAMES, Page, Visit, crawl, load, read, visit
from tests.support.crowd import HOSTILE

_WHO = {
    "archive": "dana.whitfield",
    "bank": "m.castellan",
    "chat": "jo.marsh",
    "conference": "ines.calder",
    "drive": "imke.sorensen",
    "forge": "alex-morgan",
    "forum": "sam_rivers",
    "news": "petra.lindqvist",
    "encyclopaedia": "mosswood",
    "shop": "tess.arden",
    "exchange": "arlo.brandt",
    "portal": "kim@postbay.test",
    "travel": "noor.halim",
    "video": "mo_ferris",
    "work": "judith.amare",
}
# Their worlds differ from seed to seed.
_DRAWN = (
    "archive bank captcha conference downloads drive encyclopaedia forum government news shop "
    "travel video weather work".split()
)
_STRANGE = st.text(max_size=60) | st.sampled_from(HOSTILE)
_TYPED = ("input", "text", "email", "tel", "textarea")
_SECRET = ("card", "until", "code", "password")  # nobody sends these back
_CALM = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)


def _signed_in(name: str) -> Visit:
    return visit(name, overlay={"signed_in": _WHO[name]} if name in _WHO else {})


def _all_pages(who: Visit) -> dict[str, Page]:
    return {address: read(response) for address, response in crawl(who)}


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_no_link_or_picture_of_a_site_is_dead(name, signed_in):
    who = _signed_in(name) if signed_in else visit(name)
    dead = {a: r.status_code for a, r in crawl(who) if r.status_code != 200}
    assert dead == {}


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_pages(name):
    first, second = (dict(crawl(_signed_in(name), most=40)) for _ in "ab")
    assert {a: r.content for a, r in first.items()} == {a: r.content for a, r in second.items()}
    assert _signed_in(name).state() == _signed_in(name).state()


@pytest.mark.parametrize("name", _DRAWN)
def test_another_seed_gives_another_world(name):
    one, other = ("\n".join(visit(name, seed=s).context.db.iterdump()) for s in (7, 8))
    assert one != other


@pytest.mark.parametrize("name", NAMES)
def test_everything_on_a_page_has_a_name_and_a_place(name):
    for address, page in _all_pages(_signed_in(name)).items():
        if page.title:
            assert page.nameless == [], f"{address}: {page.nameless}"
            assert "main" in page.landmarks, address
            assert page.headings >= 1, address
            assert '<html lang="en"' in page.text


@pytest.mark.parametrize("name", NAMES)
def test_nothing_comes_from_outside_and_no_screen_gives_the_game_away(name):
    who = _signed_in(name)
    for address, page in _all_pages(who).items():
        assert all(source.startswith("/") for source in page.sources), address
        words = re.sub(r"<[^>]+>|[\w.-]+\.test\b", " ", page.text).lower()
        assert not re.search(r"\b(tests?|fake|riosim|simulat\w*|phishing)\b", words), address


# Every address of the marker shows its form.
@pytest.mark.parametrize("name", [name for name in NAMES if name != "marker"])
def test_a_page_that_is_not_there_is_a_styled_404(name):
    response = visit(name).client.get("/no/such/page/at/all")
    assert response.status_code == 404
    assert "site.css" in response.text
    page = read(response)
    assert page.title.startswith("Page not found")
    assert re.search(r'<main.*<a [^>]*href="/"', page.text, re.DOTALL), "no way home"


@pytest.mark.parametrize("name", NAMES)
def test_a_title_says_which_page_it_is(name):
    pages = _all_pages(_signed_in(name))
    front = pages["/"]
    same = {a.partition("?")[0] for a, page in pages.items() if page.title == front.title}
    assert (
        same - {"/", "/mail", "/mail/INBOX", "/files", "/today"} == set()
    )  # the front page is one of them


_ONE = re.compile(
    r"(?<![\w.,:/#·-])1 (?:answer|article|card|comment|commit|day|download|file|follower|guest|"
    r"hour|like|member|message|minute|month|paper|photo|post|replie|result|review|star|version|view|"
    r"vote)s\b"
)


@pytest.mark.parametrize("name", NAMES)
def test_one_is_not_counted_as_many(name):
    for address, page in _all_pages(_signed_in(name)).items():
        words = " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
        assert not _ONE.search(words), f"{address}: {_ONE.search(words)}"


@pytest.mark.parametrize("name", NAMES)
def test_a_form_that_is_refused_keeps_what_was_typed(name):
    who = _signed_in(name)
    done = set()
    for address, page in _all_pages(who).items():
        for form in page.forms:
            boxes = [f.name for f in form.fields if f.kind in _TYPED]
            key = (re.sub(r"[0-9a-f]{12}|\d+", "1", form.action or address), tuple(boxes))
            if form.method != "post" or len(boxes) < 2 or key in done:
                continue
            done.add(key)
            for empty in boxes:
                typed = {box: f"typed in {box}" for box in boxes if box not in (empty, *_SECRET)}
                given = {f.name: f.value for f in form.fields} | dict.fromkeys(boxes, "") | typed
                answer = who.client.post(form.action or address, data=given)
                if 'role="alert"' in answer.text:
                    lost = {box for box, text in typed.items() if text not in answer.text}
                    assert lost == set(), f"{address} without {empty}"


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_overlay_key_is_named(name):
    with pytest.raises(ValueError, match=rf"{name}.*'colour'"):
        visit(name, overlay={"colour": "red"})


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_names_every_overlay_key(name):
    from pathlib import Path

    import riosim_world.sites.kit as kit

    readme = (Path(kit.__file__).parent.parent / name / "README.md").read_text()
    missing = [key for key in load(name).overlay_keys if f"`{key}`" not in readme]
    assert missing == []
    unsaid = [key for key in visit(name).state() if f"`{key}`" not in readme]
    assert unsaid == []


@pytest.mark.parametrize("name", NAMES)
def test_no_form_breaks_whatever_is_typed(name):
    pages = _all_pages(_signed_in(name))
    forms = {(f.method, f.action or a, tuple(x.name for x in f.fields)): f
             for a, p in pages.items() for f in p.forms}  # fmt: skip
    kinds = list({(m, re.sub(r"[0-9a-f]{12}|\d+", "1", a)): (m, a, f)
                  for (m, a, _), f in forms.items()}.values())  # fmt: skip
    who = _signed_in(name)

    @_CALM
    @given(st.data())
    def submit(data):
        for method, action, form in kinds:
            fields = {}
            for box in form.fields:
                keep = box.value and data.draw(st.booleans())
                fields[box.name] = box.value if keep else data.draw(_STRANGE)
            if "logout" in action or "sign-out" in action:
                continue
            if method == "get":
                answer = who.client.get(action, params=fields)
            else:
                answer = who.client.post(action, data=fields)
            assert answer.status_code < 500
        who.state()

    submit()


@pytest.mark.parametrize("name", NAMES)
def test_no_address_breaks_whatever_it_says(name):
    who = _signed_in(name)
    paths = sorted({re.sub(r"\?.*", "", a) for a in _all_pages(who)})

    @_CALM
    @given(st.sampled_from(paths), _STRANGE, _STRANGE)
    def ask(path, tail, query):
        from urllib.parse import quote

        for address in (f"{path.rstrip('/')}/{quote(tail)}", f"{path}?page={quote(query)}"):
            assert who.client.get(address).status_code < 500
        key = data_key(path)
        assert who.client.get(path, params={key: query}).status_code < 500

    def data_key(path: str) -> str:
        return ("q", "query", "sort", "label", "c", "key")[len(path) % 6]

    ask()


@pytest.mark.parametrize("name", NAMES)
def test_what_people_type_is_never_markup(name):
    who = _signed_in(name)
    evil = "<script>alert('xss')</script><img src=x onerror=alert(1)>\"'>"
    done = set()
    for page in list(_all_pages(who).values()):
        for form in page.forms:
            action = form.action or page.address
            kind = re.sub(r"[0-9a-f]{12}|\d+", "1", action)
            if (form.method, kind) in done:
                continue
            done.add((form.method, kind))
            if "logout" in action or "sign-out" in action:
                continue
            fixed = {"hidden", "radio", "checkbox", "select", "button"}
            fields = {f.name: f.value if f.kind in fixed else evil for f in form.fields}
            if "email" in fields:
                fields["email"] = f"a@b.example{evil}"
            if form.method == "get":
                assert "<script>alert" not in who.client.get(action, params=fields).text
            elif form.method == "post":
                answer = who.client.post(action, data=fields)
                if "html" in answer.headers["content-type"]:
                    assert "<script>alert" not in answer.text
    for address, response in crawl(who):
        if "html" in response.headers["content-type"]:
            assert "<script>alert" not in response.text, address
            assert "<img src=x" not in response.text, address


@pytest.mark.parametrize("name", sorted(_WHO))
def test_no_state_holds_a_password(name):
    who = visit(name)
    secret = "Sesame-Open-4711"
    for address in ("/login", "/signup", "/register"):
        data = {"user": "newcomer", "email": "new@comer.example", "password": secret, "name": "N"}
        if name == "forge" or address != "/register":
            who.client.post(address, data=data)
    assert secret not in str(who.state())
    assert secret not in str(who.records)
    assert secret not in "\n".join(who.context.db.iterdump())


@pytest.mark.parametrize("name", sorted(_WHO))
def test_sign_in_needs_the_right_password_and_sign_out_ends_it(name):
    account = {"user": "maria.test@box.example", "password": "Right-Horse-8", "name": "Maria"}
    who = visit(name, overlay={"accounts": [account]})
    who.post("/login", {"user": account["user"], "password": "wrong"})
    assert who.state()["open_sessions"] == 0
    who.post("/login", {"user": account["user"], "password": account["password"], "stay": "1"})
    state = who.state()
    assert [row["ok"] for row in state["sign_ins"]] == [False, True]
    assert state["sign_ins"][-1]["stay_signed_in"] is True
    assert state["open_sessions"] == 1
    who.post("/logout", {})
    assert who.state()["open_sessions"] == 0
    assert who.recorded()[-1] == "signed_out"


@pytest.mark.parametrize("name", sorted(_WHO))
def test_a_look_alike_lets_anybody_in_and_notes_it(name):
    who = visit(name, owner="attacker", host="look.alike.test", look={"brand": "Lookalike"})
    assert "Lookalike" in who.get("/login").text
    who.post("/login", {"user": "victim", "password": "my real password"})
    assert who.state()["sign_ins"][0] | {"time": ""} == {
        "time": "",
        "user": "victim",
        "ok": True,
        "stay_signed_in": False,
        "password_digest": "af14aa1f30fa4cef3fe3d6c9c915979747ad586409b90889c92387c916c8a108",
    }


@pytest.mark.parametrize("name", sorted(_WHO))
def test_a_seeded_session_is_open_from_the_start_until_somebody_signs_out(name):
    who = _signed_in(name)
    assert any(form.action == "/logout" for form in who.get("/").forms)
    who.post("/logout", {})
    assert not any(form.action == "/logout" for form in who.get("/").forms)


@pytest.mark.parametrize("name", sorted(_WHO))
def test_signing_in_somebody_unknown_from_the_start_is_a_mistake_of_the_task(name):
    with pytest.raises(ValueError, match="nobody"):
        visit(name, overlay={"signed_in": "nobody"})
