"""What this host's networks do is nothing to a page of the embedded sandbox."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route

from riosim.accessibility import find_nodes
from riosim.action import Click, Goto, Point
from riosim.sandbox import Machine
from riosim.task.setup import Browse
from riosim_envs.embedded_sandbox import EmbeddedSandbox
from tests.support.machines import plan_for

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sandbox() -> Iterator[EmbeddedSandbox]:
    with EmbeddedSandbox() as opened:
        yield opened


@pytest.fixture
def machine(sandbox: EmbeddedSandbox) -> Iterator[Machine]:
    started = sandbox.start(plan_for("browser"), lambda draft: None)
    yield started
    started.close()


def fail_once(machine: Machine, pattern: str) -> list[str]:
    """Let the next request for such an address fail as it does when an interface comes or goes."""
    failed: list[str] = []

    def answer(route: Route) -> None:
        if failed:
            route.continue_()
        else:
            failed.append(route.request.url)
            route.abort("failed")

    machine.controller._context.route(pattern, answer)  # type: ignore[attr-defined]
    return failed


def test_a_link_whose_page_failed_to_load_is_loaded_again(machine: Machine) -> None:
    machine.apply(Browse(site="archive"))
    tree = machine.controller.observe(tree=True).tree
    assert tree is not None
    link = find_nodes(tree, role="link", name="About")[0]
    assert link.box is not None
    failed = fail_once(machine, "**/about")
    x, y = link.box.centre
    machine.controller.perform(Click(at=Point(x=x, y=y)))
    assert failed == ["https://paperhaven.test/about"]
    assert machine.controller.observe(tree=False).url == "https://paperhaven.test/about"


def test_a_page_that_never_loads_is_shown_as_the_error_that_it_is(machine: Machine) -> None:
    machine.apply(Browse(site="archive"))
    context = machine.controller._context  # type: ignore[attr-defined]
    context.route("**/about", lambda route: route.abort("failed"))
    tree = machine.controller.observe(tree=True).tree
    assert tree is not None
    box = find_nodes(tree, role="link", name="About")[0].box
    assert box is not None
    machine.controller.perform(Click(at=Point(x=box.x + 1, y=box.y + 1)))
    assert machine.controller.observe(tree=False).url.startswith("chrome-error://")
    machine.controller.perform(Goto(url="https://paperhaven.test/help"))
    assert machine.controller.observe(tree=False).url == "https://paperhaven.test/help"
