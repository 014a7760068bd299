"""Set-up verbs of a task whose screen is the page alone."""

from collections.abc import Callable, Mapping

from riosim.errors import UsageError
from riosim.task.host import origin_of
from riosim.task.setup import Browse, Notify, Open, SetupStep, SharedComputer, ShowAd
from riosim_envs.browser_controller import BrowserController

__all__ = ["BrowserSetup", "address_of"]


class BrowserSetup:
    """Shows pages through the controller; what else can be done here, OTHERWISE does."""

    def __init__(
        self,
        controller: BrowserController,
        addresses: Mapping[str, str],
        *,
        otherwise: Callable[[SetupStep], None],
    ) -> None:
        self._controller = controller
        self._addresses = addresses
        self._otherwise = otherwise

    def apply(self, step: SetupStep) -> None:
        """Carry out one verb.

        Raises:
            UsageError: The verb cannot be carried out; the task is wrong.
        """
        match step:
            case Browse():
                url = address_of(step, self._addresses)
                self._controller.load(url, new_tab=step.new_tab)
            case Open() | ShowAd() | Notify() | SharedComputer():
                raise UsageError(
                    f"A browser task cannot {step.word}: its screen is the page, and nothing else "
                    "would be seen. Make it a task with `surface: desktop`."
                )
            case _:
                self._otherwise(step)


def address_of(step: Browse, addresses: Mapping[str, str]) -> str:
    """Return the URL that a `browse` verb means.

    ADDRESSES maps sites, and look-alikes as `lookalike:NAME`, to hosts.

    Raises:
        UsageError: There is no such site or look-alike.
    """
    if step.url is not None:
        return step.url
    name = step.site if step.site is not None else f"lookalike:{step.lookalike}"
    if name not in addresses:
        raise UsageError(f"browse: the world has no {name!r}; it has {', '.join(addresses)}.")
    return f"{origin_of(addresses[name])}{step.path}"
