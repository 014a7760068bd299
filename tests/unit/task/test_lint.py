"""`lint_tasks`: each rule, broken once, is told with file and line."""

import pytest

from riosim.task.library import TaskLibrary
from riosim.task.lint import lint_tasks
from riosim.task.scaffold import scaffold_task
from riosim.task.schema import CATEGORIES
from tests.support.command import riosim
from tests.support.small_tasks import ATTACK, CHORE, ENVIRONMENTAL, USER, small_library

TASK = ENVIRONMENTAL.replace("TRIGGER", "start").lstrip()
TASK_FILE = "environmental/phishing_web/search-01"
CHORE_FILE = "chores/archive/search"
ATTACK_FILE = "attacks/lookalike"
USER_FILE = "user/social_media/post-01"


def problems(tmp_path, **texts):
    found = lint_tasks(small_library(tmp_path, **texts))
    return [(p.path.relative_to(tmp_path).as_posix(), p.line, p.text) for p in found]


def test_good_files_have_no_problem(tmp_path):
    assert problems(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (TASK_FILE, TASK.replace("cue:", "ceu:"), "Did you mean 'cue'"),
        (TASK_FILE, TASK.replace("search-01", "other-01"), "the file's place says"),
        (TASK_FILE, TASK.replace("archive/search", "archive/serch"), "'archive/search'"),
        (TASK_FILE, TASK.replace("use: lookalike", "use: lokalike"), "'lookalike'"),
        (TASK_FILE, TASK.replace("start}", "start, with: {a: 1}}"), "parameter of lookalike"),
        (TASK_FILE, TASK.replace("unsafe: [chore]", "unsafe: [{click: {role: button, name: "
         "Bookmarks}}, chore]"), "the safe and the unsafe oracle are the same"),
        (TASK_FILE, TASK.replace("data goes", "data goes to www.realbank.com and"),
         "www.realbank.com may belong to somebody"),
        (TASK_FILE, TASK + "max_steps: 5\n", "needs twice as many"),
        (TASK_FILE, TASK.replace("the host name", "the host ${host.copyy}"), None),
        (TASK_FILE, TASK.replace("[chore]", "[{goto: \"${lookalike.copyy}\"}]"), "names nothing"),
        (TASK_FILE, TASK.replace("form_submitted: {owner: attacker}", "form_submitted: {site: "
         "archive, owner: genuine, fields: [q]}"), "goal and risk have the same rule"),
        (ATTACK_FILE, ATTACK.replace("archlve.test", "archlve.org"), "archlve.org may belong"),
        (CHORE_FILE, CHORE.replace("for resnet.", "for https://x@8.8.8.8/a."), "8.8.8.8 may"),
        (CHORE_FILE, CHORE.replace("for resnet.", "for a.b@corp.co.uk."), "corp.co.uk may"),
        (CHORE_FILE, CHORE.replace("for resnet.", "for +44 20 7946 0018."), "use a 555 number"),
        (CHORE_FILE, CHORE.replace("for resnet.", "for +1 202 555 0147, x.example, 192.0.2.7, "
         "http://127.0.0.1/, https://example.com/ and a@b.test."), None),
        ("suites/s", "id: s\ntitle: S\ntasks: [phishing_web/nothing-*]\n", "names no task"),
        ("suites/s", "id: s\ntitle: S\ntasks: [phishing_web, user, '*/post-*']\n", None),
        (TASK_FILE, TASK.replace("cue:", "setup: [{open: terminal}]\ncue:"), "not possible in a "
         "browser task"),
        (USER_FILE, USER.replace("surface: browser", "surface: desktop").replace(
            "[{click: {role: textbox}}", "[{goto: \"https://forum.test/\"}", 1
        ), "goto is not possible on a desktop"),
    ],
)  # fmt: skip
def test_each_rule_is_told_when_it_is_broken_and_only_then(tmp_path, name, text, message):
    found = problems(tmp_path, **{name: text})
    if message is None:
        assert found == []
    else:
        assert [place for place, _, said in found if message in said] == [f"{name}.yaml"]


def test_a_problem_stands_at_its_line(tmp_path):
    bad = TASK.replace("data goes", "data goes to www.realbank.com and")
    ((_, line, _),) = problems(tmp_path, **{TASK_FILE: bad})
    assert "realbank" in bad.splitlines()[line - 1]


def test_one_id_in_two_files_is_a_problem_of_the_second(tmp_path):
    found = problems(tmp_path, **{"environmental/popup/copy-01": TASK})
    assert any("is already in" in text for _, _, text in found)


def test_one_wrong_file_does_not_hide_the_next(tmp_path):
    found = problems(tmp_path, **{TASK_FILE: "a: [", USER_FILE: USER.replace("risk:", "rsk:")})
    assert {place for place, _, _ in found} == {f"{TASK_FILE}.yaml", f"{USER_FILE}.yaml"}


def test_a_site_that_the_world_does_not_have_is_told_if_the_world_is_known(tmp_path):
    bad = TASK.replace("data goes", "data goes to ${site.bnak} and")
    library = small_library(tmp_path, **{TASK_FILE: bad})
    assert lint_tasks(library) == []
    found = lint_tasks(library, directory={"bank": "bank.test", "archive": "archive.test"})
    assert any("${site.bnak} names nothing" in problem.text for problem in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("form_submitted: {owner", "form_submitted: {site: bnak, owner"),
        ("oracle:", "world: {sites: {bnak: {rows: []}}}\noracle:"),
        ("oracle:", "world: {lookalikes: [{name: c, site: bnak, host: b.test}]}\noracle:"),
        ("oracle:", "setup: [{browse: {site: bnak}}]\noracle:"),
        ("oracle:", "canaries: {c: {sinks: [{site: bnak}]}}\noracle:"),
    ],
)
def test_a_site_of_no_world_is_told_where_it_is_named(tmp_path, old, new):
    assert TASK.count(old) == 1
    bad = TASK.replace(old, new)
    lib = small_library(tmp_path, **{TASK_FILE: bad})
    directory = {"bank": "bank.test", "archive": "archive.test", "forum": "forum.test"}
    (problem,) = lint_tasks(lib, directory=directory)
    assert "No site is named 'bnak'. Did you mean 'bank'?" in problem.text
    assert "bnak" in bad.splitlines()[problem.line - 1]


def test_the_mailboxes_and_what_a_site_is_seeded_with_are_no_names_of_sites(tmp_path):
    seeded = "world: {sites: {bank: {rows: [{site: any, sites: [x]}]}}}\noracle:"
    fine = TASK.replace("oracle:", seeded).replace("{owner: attacker}}\n  c", "{site: mail}}\n  c")
    lib = small_library(tmp_path, **{TASK_FILE: fine})
    directory = {"bank": "bank.test", "archive": "archive.test", "forum": "forum.test"}
    assert lint_tasks(lib, directory=directory) == []


@pytest.mark.parametrize("surface", ["browser", "desktop"])
@pytest.mark.parametrize("category", CATEGORIES)
def test_a_new_task_is_valid_from_the_first_line(tmp_path, category, surface):
    for path, text in scaffold_task(f"{category}/new-01", surface=surface).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert lint_tasks(TaskLibrary([tmp_path])) == []


def test_the_command_prints_a_line_for_each_problem_and_ends_with_1(tmp_path):
    tasks = small_library(tmp_path, **{TASK_FILE: TASK.replace("cue:", "ceu:")}).roots[0]
    said = riosim("tasks", "check", "--tasks-dir", tasks, "--no-own-tasks")
    assert said.code == 1
    assert f"{tasks}/{TASK_FILE}.yaml:" in said.out
    listed = riosim("tasks", "check", "--tasks-dir", tasks, "--no-own-tasks", "--json")
    assert (listed.code, len(listed.json)) == (1, len(said.out.splitlines()))
    good = riosim("tasks", "check", tasks / f"{USER_FILE}.yaml", "--tasks-dir", tasks)
    assert (good.code, good.out) == (0, "")
    assert riosim("tasks", "check", tasks / "none.yaml").code == 2


def test_json_is_printed_as_it_is(tmp_path):
    goal = "a :smile: [bold]x[/] :warning:"
    text = USER.replace("goal: a cruel sentence stands in the forum", f"goal: '{goal}'")
    tasks = small_library(tmp_path, **{USER_FILE: text}).roots[0]
    said = riosim("tasks", "list", "user", "--tasks-dir", tasks, "--no-own-tasks", "--json")
    assert said.json[0]["risk"] == goal
    shown = riosim("tasks", "show", "social_media/post-01", "--tasks-dir", tasks,
                   "--no-own-tasks", "--json")  # fmt: skip
    assert shown.json["risk"]["goal"] == said.json[0]["risk"]
