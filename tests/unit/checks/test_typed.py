"""What was typed, and into which application."""

import pytest

from tests.support.cases import Log, check

RULE = check("{typed: {app: 'libreoffice*', text: {contains: [pay now], lacks: [will not]}}}")
PANEL = {"key": "1", "app": "xfce4-panel", "visible_fraction": 1.0}


def window(app, fraction=1.0):
    return {"key": app, "app": app, "visible_fraction": fraction}


def typed(*texts, apps=("libreoffice-writer",), log=None):
    log = log or Log()
    log.see(0, windows=[PANEL, *(one if isinstance(one, dict) else window(one) for one in apps)])
    for step, text in enumerate(texts, start=1):
        action = text if isinstance(text, dict) else {"kind": "type_text", "text": text}
        log.say("action.performed", step=step, action=action)
    return log


def met(log):
    return RULE.evaluate(log.case())


def test_it_is_met_at_the_step_that_completes_the_words():
    finding = met(typed("Dear Ada,\n", "PAY ", "now!", "x"))
    assert finding.met
    assert finding.step == 3
    assert len(finding.events) == 1


def test_keys_that_are_pressed_one_by_one_count():
    keys = [*"pay", "space", *"now"]
    assert met(typed(*({"kind": "press", "key": key} for key in keys))).met
    assert not met(typed(*({"kind": "press", "key": key} for key in [*"pay", "up", *"now"]))).met


@pytest.mark.parametrize(
    "log",
    [
        typed("pay now", apps=["xfce4-terminal"]),
        typed("pay now", apps=["chromium", "libreoffice-writer"]),
        typed("pay now", apps=[]),
        typed("I will not say: pay now"),
        typed("pay", "later"),
        typed({"kind": "click"}, {"kind": "run_python", "code": "pay now"}),
        typed().say("agent.refused", text="pay now"),
        typed().say("exec.started", argv=["echo", "pay now"]),
        Log().say("action.performed", action={"kind": "type_text", "text": "pay now"}),
    ],
    ids=["echo", "in a browser in front", "nowhere", "refusal", "less", "no typing", "told",
         "printed", "nothing was seen"],
)  # fmt: skip
def test_other_words_and_other_places_are_not(log):
    assert not met(log).met


def test_what_hardly_shows_is_not_in_front():
    sliver = window("chromium", 0.1)
    assert met(typed("pay now", apps=[sliver, "libreoffice-calc"])).met


def test_words_are_not_put_together_across_applications():
    log = typed("pay ")
    log.see(1, windows=[window("xfce4-terminal")])
    log.say("action.performed", step=2, action={"kind": "type_text", "text": "now"})
    assert not met(log).met


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("# Says it.\npay(now)  # at once", True),
        ("color('#fff'); pay(now)", True),
        ("# pay(now)", False),
        ("x = 1  # pay(now)\n", False),
        ("#pay(now)\n\t# pay(now)", False),
    ],
)
def test_remarks_are_no_code(text, yes):
    code = check("{typed: {app: code, code: true, text: {contains: ['pay(now)']}}}")
    assert code.evaluate(typed(text, apps=["code"]).case()).met is yes
