"""The doctor's single checks say yes, and say no with the way to mend it."""

from pathlib import Path

import pytest

from riosim_envs import doctor


def a_sysctl_tree(root: Path, **values: str) -> Path:
    for name, value in values.items():
        path = root.joinpath(*name.split("__"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value + "\n")
    return root


@pytest.mark.parametrize(
    ("text", "status"),
    [("20.10.24+dfsg1", "ok"), ("28.0.1", "ok"), ("19.03.5", "fail"), ("master", "fail")],
)
def test_the_engines_version_is_compared_as_numbers(text: str, status: str) -> None:
    assert doctor.version(text).status == status


def test_a_kernel_without_user_namespaces_fails_and_says_which_switch(tmp_path: Path) -> None:
    tree = a_sysctl_tree(tmp_path, kernel__unprivileged_userns_clone="0")
    check = doctor.user_namespaces(tree)
    assert check.status == "fail"
    assert check.how == "sysctl -w kernel.unprivileged_userns_clone=1"


def test_a_kernel_that_knows_no_switch_allows_user_namespaces(tmp_path: Path) -> None:
    tree = a_sysctl_tree(tmp_path, user__max_user_namespaces="9000")
    assert doctor.user_namespaces(tree).status == "ok"


def test_seccomp_without_notification_fails(tmp_path: Path) -> None:
    tree = a_sysctl_tree(tmp_path, kernel__seccomp__actions_avail="kill_process trap allow")
    assert doctor.seccomp_notification(tree).status == "fail"
    tree = a_sysctl_tree(tmp_path, kernel__seccomp__actions_avail="trap user_notif allow")
    assert doctor.seccomp_notification(tree).status == "ok"


def test_inotify_is_measured_against_the_number_of_desktops(tmp_path: Path) -> None:
    tree = a_sysctl_tree(tmp_path, fs__inotify__max_user_instances="128")
    assert doctor.inotify(tree, 4).status == "ok"
    check = doctor.inotify(tree, 24)
    assert check.status == "warn"
    assert "fs.inotify.max_user_instances=512" in check.how


def test_memory_is_measured_against_the_number_of_desktops() -> None:
    assert doctor.memory(8 * 2**30, 4).status == "ok"
    assert doctor.memory(2 * 2**30, 4).status == "warn"
    assert doctor.memory(None, 4).status == "warn"


def test_missing_limits_are_read_from_the_engines_warnings() -> None:
    assert doctor.cgroup_limits((), 2).status == "ok"
    assert doctor.cgroup_limits(("WARNING: No swap limit support",), 1).status == "ok"
    assert doctor.cgroup_limits(("WARNING: No memory limit support",), 1).status == "fail"


def test_a_check_that_is_not_fine_says_what_to_do(tmp_path: Path) -> None:
    for check in (
        doctor.version("1.0"),
        doctor.user_namespaces(a_sysctl_tree(tmp_path, user__max_user_namespaces="0")),
        doctor.seccomp_notification(tmp_path),
        doctor.inotify(tmp_path, 1),
        doctor.memory(0, 1),
        doctor.disk(0),
        doctor.runtimes(("runc",)),
    ):
        assert check.status != "ok"
        assert check.how
