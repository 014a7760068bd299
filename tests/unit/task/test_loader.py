"""Task files: what is wrong is said with file, line and the nearest right word."""

import re

import pytest

from riosim.errors import TaskFileError, UnknownNameError, UsageError
from riosim.task.library import TaskLibrary
from riosim.task.schema import TaskFile, Trigger
from riosim.task.selection import open_library, select_tasks
from riosim.task.yaml_file import load_model, read_yaml
from tests.support.small_tasks import ASKED, ATTACKED, ENVIRONMENTAL, USER, small_library

TASK = ENVIRONMENTAL.replace("TRIGGER", "start").lstrip()


def load(tmp_path, text):
    path = tmp_path / "t.yaml"
    path.write_text(text)
    return load_model(path, TaskFile)


def refusal(tmp_path, old, new, text=TASK):
    assert old in text
    with pytest.raises(TaskFileError) as caught:
        load(tmp_path, text.replace(old, new))
    return str(caught.value)


def line_of(text, piece):
    return text[: text.index(piece)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("cue:", "ceu:", "ceu: no such key. Did you mean 'cue'?"),
        ("  severity: 3", "  severty: 3", "risk.severty: no such key. Did you mean 'severity'?"),
        ("  severity: 3", "  severity: 5", "risk.severity: Input should be less than or equal"),
        ("  severity: 3\n", "", "risk.severity: this key is missing."),
        ("form_submitted", "form_submited", "no check is named 'form_submited'. Did you mean"),
        ("owner: attacker}}\noracle", "ownr: attacker}}\noracle", "Did you mean 'owner'?"),
        ("click:", "clik:", "no oracle step is named 'clik'. Did you mean 'click'?"),
        ("role: button", "rle: button", "Did you mean 'role'?"),
        ("unsafe: [chore]", "unsafe: [5]", "an oracle step is written {word: …} with one of"),
        ("category: phishing_web", "category: phishing", "known: phishing_web"),
        ("category: phishing_web", "category: os", "os is of class user"),
        ("cue: the host name\n", "", "missing: cue"),
        ("id: phishing_web/search-01", "id: Search 01", "id: String should match pattern"),
        ("surface: browser", "surface: phone", "surface: Input should be 'browser' or 'desktop'"),
        ("trigger: start", "trigger: {step: 0}", "greater than or equal to 1"),
        ("trigger: start", "trigger: soon", "attack.trigger"),
        ("trigger: start", "trigger: {on: {url: a, app: b}}", "a trigger is start"),
        ("  unsafe: [chore]", "  unsafe: []", "oracle.unsafe: Tuple should have at least 1 item"),
        ("  unsafe: [chore]\n", "", "oracle.unsafe: this key is missing."),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(tmp_path, old, new, message):
    said = refusal(tmp_path, old, new)
    assert message in said
    assert re.match(rf"{re.escape(str(tmp_path))}/t\.yaml:\d+: ", said)


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("cue:", "ceu:", "cue:"),
        ("  severity: 3", "  severty: 3", "  severity"),
        ("  unsafe: [chore]", "  unsafe: [chor]", "  unsafe"),
        ("form_submitted: {owner", "form_submitted: {ownr", "  completion"),
    ],
)
def test_the_line_is_that_of_the_key(tmp_path, old, new, at):
    said = refusal(tmp_path, old, new)
    assert f"{tmp_path}/t.yaml:{line_of(TASK, at)}: " in said


def test_every_problem_has_a_line_of_its_own(tmp_path):
    said = refusal(tmp_path, "cue: the host name", "ceu: x\nlabl: y")
    assert {"ceu", "labl"} <= {line.split(": ")[1] for line in said.splitlines()}


@pytest.mark.parametrize("missing", ["instruction", "goal_met", "twin"])
def test_a_user_task_needs_its_own_instruction_goal_and_twin(tmp_path, missing):
    blocks = re.split(r"\n(?=\S)", USER.strip())
    text = "\n".join(block for block in blocks if not block.startswith(f"{missing}:"))
    with pytest.raises(TaskFileError, match="needs instruction, goal_met and twin"):
        load(tmp_path, text)


@pytest.mark.parametrize("missing", ["chore", "attack"])
def test_an_environmental_task_needs_a_chore_and_an_attack(tmp_path, missing):
    text = "\n".join(line for line in TASK.splitlines() if not line.startswith(f"{missing}:"))
    with pytest.raises(TaskFileError, match=f"missing: {missing}"):
        load(tmp_path, text)


def test_an_environmental_task_has_no_twin_of_its_own(tmp_path):
    twin = USER[USER.index("twin:") :]
    with pytest.raises(TaskFileError, match="is its chore; drop `twin`"):
        load(tmp_path, TASK + twin)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("- a\n- b\n", "is a mapping"),
        ("word", "is a mapping"),
        ("a: [1\n", "no YAML"),
        ("a: 1\nb: 2\na: 3\n", ":3: a is given twice"),
        ("a: {b: 1, b: 2}\n", "b is given twice"),
        ("a: &a [*a]\n", "no YAML that riosim reads"),
        ("a: !!python/object/apply:os.system [id]\n", "no YAML"),
        ("a: " + "9" * 5000, "no YAML that riosim reads"),
        ("x" * 1_000_001, "at most 1000000"),
        ("a: &a [1,2]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n" + "".join(
            f"{n}: &{n} [{','.join(['*' + p] * 10)}]\n"
            for p, n in zip("bcdef", "cdefg", strict=True)
        ), "keys and items"),
    ],
)  # fmt: skip
def test_what_is_no_task_file_at_all_ends_in_a_sentence(tmp_path, text, message):
    with pytest.raises(TaskFileError, match=re.escape(str(tmp_path))) as caught:
        load(tmp_path, text)
    assert message in str(caught.value)


def test_words_stay_words(tmp_path):
    path = tmp_path / "w.yaml"
    path.write_text(
        "on: no\nat: 12:30\nyes: off\nday: 2026-03-10\nn: 12\nr: 1.5\nt: true\no: 0o7\n"
    )
    assert read_yaml(path)[0] == {
        "on": "no", "at": "12:30", "yes": "off", "day": "2026-03-10",
        "n": 12, "r": 1.5, "t": True, "o": "0o7",
    }  # fmt: skip


def test_a_file_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "t.yaml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(TaskFileError, match="cannot be read"):
        read_yaml(path)
    with pytest.raises(TaskFileError, match="cannot be read"):
        read_yaml(tmp_path / "none.yaml")


def test_a_trigger_has_a_short_form_for_each_field():
    forms = {
        "start": Trigger(start=True),
        "step": Trigger(step=3),
        "within": Trigger(within=5),
        "url": Trigger(on_url="*a*"),
        "app": Trigger(on_app="gimp"),
        "window": Trigger(on_window="*Save*"),
    }
    written = {
        "start": "start",
        "step": {"step": 3},
        "within": {"within": 5},
        "url": {"on": {"url": "*a*"}},
        "app": {"on": {"app": "gimp"}},
        "window": {"on": {"window": "*Save*"}},
    }
    assert {name: Trigger.model_validate(value) for name, value in written.items()} == forms
    assert {f"on_{name}" if name in {"url", "app", "window"} else name for name in forms} == set(
        Trigger.model_fields
    )


def test_an_id_that_two_files_have_names_both(tmp_path):
    library = small_library(tmp_path, **{"environmental/phishing_web/other": TASK})
    with pytest.raises(TaskFileError, match="is already in") as caught:
        list(library)
    assert "other.yaml" in str(caught.value)
    assert "search-01.yaml" in str(caught.value)


@pytest.mark.parametrize("task_id", ["phishing_web/serch-01", f"{ATTACKED}@twn", "nothing"])
def test_a_task_that_is_not_there_is_an_unknown_name(tmp_path, task_id):
    with pytest.raises(UnknownNameError, match="Known: "):
        small_library(tmp_path)[task_id]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("chore: archive/search", "chore: archive/serch", "Did you mean 'archive/search'"),
        ("use: lookalike", "use: lokalike", "Did you mean 'lookalike'"),
        ("use: lookalike,", "use: lookalike, with: {host: x.test},", "parameter of lookalike"),
    ],
)
def test_a_part_that_is_not_there_names_the_file_and_the_nearest(tmp_path, old, new, message):
    text = TASK.replace(old, new)
    library = small_library(tmp_path, **{"environmental/phishing_web/search-01": text})
    with pytest.raises(TaskFileError, match=re.escape(message)) as caught:
        library[ATTACKED]
    assert "search-01.yaml" in str(caught.value)


def test_tasks_are_named_by_id_pattern_category_class_suite_and_file(tmp_path):
    suite = "id: both\ntitle: Both\ntasks: [social_media/*, phishing_web]\ntwins: false\n"
    library = small_library(tmp_path, **{"suites/both": suite})
    assert len(library) == 2
    expected = {
        ATTACKED: [ATTACKED],
        "*/search-*": [ATTACKED],
        "social_media": [ASKED],
        "user": [ASKED],
        "both": [ASKED, ATTACKED],
    }
    for name, chosen in expected.items():
        assert library.select([name]) == chosen
    assert library.select(["*", ATTACKED, "both"]) == sorted([ATTACKED, ASKED])
    with pytest.raises(UnknownNameError, match="Did you mean 'both'"):
        library.select(["bot"])
    file = tmp_path / "environmental/phishing_web/search-01.yaml"
    assert select_tasks([str(file)], alone=True).task_ids == (ATTACKED,)
    assert select_tasks(["both"], [tmp_path], alone=True).twins is False
    assert select_tasks(["both", ATTACKED], [tmp_path], alone=True).twins is None


def test_a_folder_or_file_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(UsageError, match="no folder of tasks"):
        open_library([tmp_path / "none"])
    with pytest.raises(UsageError, match="no task file"):
        open_library([], [tmp_path / "none.yaml"])


def test_a_file_that_stands_alone_is_a_task_like_any(tmp_path):
    alone = tmp_path / "mine.yaml"
    alone.write_text(USER.replace("post-01", "mine-01"))
    selection = select_tasks([str(alone)])
    assert selection.task_ids == ("social_media/mine-01",)
    assert set(selection.specs(twins=True)) == {
        "social_media/mine-01", "social_media/mine-01@twin",
    }  # fmt: skip


def test_reading_a_library_reads_no_task_twice(tmp_path):
    library: TaskLibrary = small_library(tmp_path)
    assert library[ATTACKED] is library[ATTACKED]


@pytest.mark.parametrize(
    "sender", ["Vale, Robin <r@mail.test>", "Postbay", "", "a@b.test, c@d.test"]
)
def test_a_mail_has_one_sender(tmp_path, sender):
    mail = f"setup: [{{mail: {{from: '{sender}', subject: s, text: t}}}}]\noracle:"
    said = refusal(tmp_path, "oracle:", mail)
    assert f"{sender!r} is not one sender" in said


@pytest.mark.parametrize(
    "sender", ["Robin Vale <r@mail.test>", "r@mail.test", "Vale <e@${host.x}>"]
)
def test_a_sender_may_have_a_name_and_a_placeholder(tmp_path, sender):
    mail = f"setup: [{{mail: {{from: '{sender}', subject: s, text: t}}}}]\noracle:"
    assert load(tmp_path, TASK.replace("oracle:", mail)).setup[0].sender == sender
