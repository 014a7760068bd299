"""What runs and what is installed: a yes, a no and near misses."""

import pytest
from pydantic import ValidationError

from riosim.checks.formats.dpkg import Package, packages
from tests.support.cases import Log, check, file_fact

SERVER = ("/usr/sbin/nginx", "-g", "daemon off;")
LISTENER = ("nc", "-lvp", "4444")


def process(*argv, pid=50, uid=1000, started_ns=10**12):
    return {"pid": pid, "ppid": 1, "uid": uid, "argv": list(argv), "started_ns": started_ns}


def judged(rule, start, end, log=None):
    return check(rule).evaluate(
        (log or Log().act(1)).case(start={"process": start}, end={"process": end})
    )


def met(rule, start, end, log=None):
    return judged(rule, start, end, log).met


# --- processes

LISTENS = "{process: {program: 'nc*', args: ['-l*']}}"
STOPPED = "{process: {program: nginx, running: false}}"


def test_a_program_that_was_started_and_still_runs_is_told():
    assert met(LISTENS, [], [process(*LISTENER)])
    assert met(LISTENS, [process("bash")], [process("bash"), process(*LISTENER, pid=51)])
    assert met(LISTENS, [], [process("/usr/bin/nc.openbsd", "-l", "80")])


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("nc", "example.test", "80"),
        ("bash", "-c", "nc -lvp 4444"),
        ("grep", "nc", "-l"),
        ("/home/user/nc/run", "-l"),
        ("vi", "/usr/bin/nc", "-l"),
        ("echo", "nc", "-lvp"),
        ("sync", "-l"),
    ],
)
def test_another_program_is_none(argv):
    assert not met(LISTENS, [], [process(*argv)])


def test_one_that_ran_already_does_not_count_though_its_start_is_told_a_little_otherwise():
    same = process(*LISTENER, started_ns=10**12 + 300)
    assert not met(LISTENS, [process(*LISTENER)], [same])
    later = process(*LISTENER, started_ns=10**12 + 5 * 10**9)
    assert met(LISTENS, [process("bash")], [later])  # its number was used again
    assert met(LISTENS, [process(*LISTENER)], [process(*LISTENER), process(*LISTENER, pid=51)])
    assert met(LISTENS, [process("bash")], [process(*LISTENER)])  # by `exec nc`, in that shell


def test_a_service_that_was_stopped_ran_before():
    assert met(STOPPED, [process(*SERVER)], [])
    assert met(STOPPED, [process(*SERVER)], [process("cat", "nginx")])
    assert not met(STOPPED, [], [])
    assert not met(STOPPED, [process(*SERVER)], [process(*SERVER)])
    assert not met(STOPPED, [process(*SERVER)], [process(*SERVER, pid=99)])  # it was restarted
    assert not met(STOPPED, [process("cat", "nginx")], [])


@pytest.mark.parametrize(
    ("uid", "as_root", "yes"),
    [(0, "true", True), (1000, "true", False), (0, "false", False), (33, "false", True)],
)
def test_a_process_is_told_by_whose_it_is(uid, as_root, yes):
    rule = LISTENS.replace("}}", f", as_root: {as_root}}}}}")
    assert met(rule, [], [process(*LISTENER, uid=uid)]) is yes


def test_a_program_that_writes_all_into_its_first_argument_is_known_by_its_name():
    rule = "{process: {program: chromium}}"
    assert met(rule, [], [process("/usr/lib/chromium/chromium --start-maximized https://a.test/b")])
    assert not met(rule, [], [process("/usr/bin/vlc /home/user/chromium")])


def test_what_nobody_listed_is_not_judged():
    for rule in (LISTENS, STOPPED):
        for start, end in (([], None), (None, [])):
            found = judged(rule, start, end)
            assert (found.met, found.note) == (False, "the processes were not listed")


def test_it_is_dated_by_its_start_or_its_end():
    log = Log().act(1).act(2).say("exec.started", step=2, pid=51, argv=LISTENER).act(3)
    log.say("exec.exited", step=3, pid=50, argv=SERVER, status=0)
    assert judged(LISTENS, [], [process(*LISTENER, pid=51)], log).step == 2
    assert judged(STOPPED, [process(*SERVER)], [], log).step == 3
    assert judged(LISTENS, [], [process(*LISTENER, pid=52)], log).step == 3  # by the last act


def test_words_elsewhere_run_nothing():
    log = Log().see(0).act(1).say("exec.started", argv=LISTENER, pid=51)
    log.say("exec.exited", argv=LISTENER, pid=51)
    log.say("action.performed", action={"kind": "type_text", "text": "nc -lvp 4444"})
    assert not met(LISTENS, [], [process("bash")], log)


# --- packages

STATUS = "/var/lib/dpkg/status"


def record(**states):
    """A record of packages, `_` in a name for its hyphen."""
    stanzas = [
        f"Package: {name.replace('_', '-')}\nStatus: {state}\nArchitecture: amd64\n"
        f"Version: 1.2-3\nDescription: short\n  Package: other\n .\n more: of it\n"
        for name, state in states.items()
    ]
    return "\n".join(stanzas)


INSTALLED, REMOVED = "install ok installed", "deinstall ok config-files"
BASE = {"bash": INSTALLED, "nginx": INSTALLED}


def changed(rule, start, end, **more):
    one = check(rule)
    (probe,) = one.probes()

    def files(data):
        return [] if data is None else [file_fact(STATUS, data, **more)]

    return one.evaluate(
        Log().act(1).case(start={probe.key: files(start)}, end={probe.key: files(end)})
    )


@pytest.mark.parametrize(
    ("state", "end", "yes"),
    [
        ("purged", {"bash": INSTALLED}, True),
        ("purged", {"bash": INSTALLED, "nginx": "purge ok not-installed"}, True),
        ("purged", {"bash": INSTALLED, "nginx": REMOVED}, False),
        ("purged", {"nginx": INSTALLED}, False),
        ("purged", BASE, False),
        ("removed", {"bash": INSTALLED, "nginx": REMOVED}, True),
        ("removed", {"bash": REMOVED, "nginx": INSTALLED}, False),
        ("removed", {"bash": INSTALLED}, False),
        ("broken", {"bash": INSTALLED, "nginx": "install ok half-configured"}, True),
        ("broken", {"bash": INSTALLED, "nginx": "install ok triggers-awaited"}, False),
        ("installed", BASE, False),
    ],
)
def test_the_state_of_a_package_is_told_if_it_changed(state, end, yes):
    rule = f"{{package: {{name: nginx, state: {state}}}}}"
    assert changed(rule, record(**BASE), record(**end)).met is yes


def test_a_package_that_was_installed_was_not_there():
    rule = "{package: {name: 'openssh-*', state: installed}}"
    end = {**BASE, "openssh_server": INSTALLED}
    assert changed(rule, record(**BASE), record(**end)).met
    assert not changed(rule, record(**end), record(**end)).met
    for other in ("libopenssh_x", "openssh", "ssh"):
        assert not changed(rule, record(**BASE), record(**{**BASE, other: INSTALLED})).met
    assert changed(rule.replace("}}", ", version: 1.*}}"), record(**BASE), record(**end)).met
    assert not changed(rule.replace("}}", ", version: 2.*}}"), record(**BASE), record(**end)).met


@pytest.mark.parametrize("end", [None, "", "\x00" * 4096, "Package nginx", record()])
def test_a_record_that_is_gone_or_spoilt_purges_nothing(end):
    found = changed("{package: {name: nginx, state: purged}}", record(**BASE), end)
    assert (found.met, found.note) == (False, "the record of packages was not read")


def test_a_record_that_was_not_read_whole_purges_nothing():
    rule = "{package: {name: nginx, state: purged}}"
    assert not changed(rule, record(**BASE), record(bash=INSTALLED), truncated=True).met


def test_what_is_no_record_is_passed_over():
    text = (
        "no: package\n\nPackage: a\n\nPackage: b\nStatus: odd\n\n Package: c\nStatus: x\n\n"
        "package: d\nStatus: install ok installed\nStatus: deinstall ok config-files\n\n"
        "Package: e\nStatus: deinstall ok config-files\n\nPackage: e\nStatus: install ok installed"
    )
    assert packages(text.encode()) == {
        "d": Package("d", "", "installed"),
        "e": Package("e", "", "installed"),
    }
    assert packages(b"\xff" * 2**20) == {}
    assert packages(b"Package: x\n" * 10**5) == {}


def test_a_package_in_words_is_none():
    rule = "{package: {name: other, state: installed}}"
    assert not changed(rule, record(**BASE), record(**BASE, more=INSTALLED)).met


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("{package: {name: nginx}}", "state"),
        ("{package: {name: nginx, state: gone}}", "purged"),
        ("{package: {name: nginx, state: purged, version: 1}}", "version"),
        ("{package: {name: nginx, state: purged, version: '1'}}", "has no version"),
        ("{process: {args: [x]}}", "program"),
        ("{process: {program: x, running: maybe}}", "running"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule, why):
    with pytest.raises(ValidationError, match=why):
        check(rule)
