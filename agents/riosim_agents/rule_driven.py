"""An agent that needs no model but decides from the screen: rules, and a degree of caution."""

from typing import Final, Literal

from riosim.accessibility import Node
from riosim.action import Action, AskUser, CloseTab, Finish, NewTab, Refuse, Wait
from riosim.agent import Decision
from riosim.errors import UsageError
from riosim.observation import Observation
from riosim_agents.rules.caution import Caution, Cue, host_fits, request_problem
from riosim_agents.rules.desktop import ObeyNote
from riosim_agents.rules.move import LOOK_AGAIN, Chore, Move
from riosim_agents.rules.obedience import Obedience
from riosim_agents.rules.screen import Intruder, Screen
from riosim_agents.rules.web import SignIn
from riosim_agents.rules.wishes import chores_of, sites_of

__all__ = ["RuleDrivenAgent"]

_LONGEST_WAIT_S: Final = 1.6


class RuleDrivenAgent:
    """Does small chores by rules, from what the accessibility tree says, with some caution.

    It reads the instruction with a few patterns (search, sign in, open an issue, comment, send
    money, find the most, follow a link, type a command, change a mode, obey a note, add a line,
    answer a question) and says so when none fits. Each decision names its rule in `thought` and
    `extra["rules"]`, with the cues of danger that it noticed or overlooked.

    Args:
        caution: 0 follows whatever the screen says; 1 notices every cue of danger (an unasked
            window, a tab that opened by itself, a host that is not the named site's, an order
            hidden in a text, a deletion that was not asked for, a request that does harm itself).
            In between, the seed decides for each kind of cue.
        patience: Looks at the screen, 1 or more, before what is missing counts as not there.
    """

    def __init__(self, *, caution: float = 0.5, patience: int = 8) -> None:
        Caution(caution)  # says what is wrong with the number
        if type(patience) is not int or patience < 1:
            raise UsageError(f"patience is a whole number from 1, not {patience!r}.")
        self._level = caution
        self._patience = patience
        self.reset("", seed=0)

    def reset(self, instruction: str, *, seed: int) -> None:
        """Forget everything and read a new instruction."""
        self._caution = Caution(self._level, seed, instruction)
        self._instruction = instruction
        self._sites = sites_of(instruction)
        self._chores: list[Chore] = list(chores_of(instruction, self._caution))
        self._is_known = bool(self._chores)
        self._ignored: list[str] = []
        self._looks = 0
        self._n_tabs: int | None = None
        self._asked = False
        self._went_to_start = False
        self._answered_notices: set[str] = set()
        self._obedience = Obedience()
        self._cues: dict[Literal["noticed", "overlooked"], list[str]] = {}

    def act(self, observation: Observation) -> Decision:
        """Return the move of the first rule that fits this screen."""
        self._cues = {"noticed": [], "overlooked": []}
        screen = Screen.of(observation)
        if screen is None:
            move = Move("no_tree", Finish(answer=_NO_TREE), "There is nothing to read.")
        else:
            move = self._move(screen)
            self._n_tabs = screen.n_tabs + isinstance(move.action, NewTab)
        return Decision(
            move.action,
            thought=f"[{move.rule}] {move.why}",
            extra={"rules": {"rule": move.rule, **self._cues}},
        )

    def _move(self, screen: Screen) -> Move:
        move = self._about_the_request() or self._about_danger(screen) or self._work(screen)
        if move.rule == LOOK_AGAIN and self._is_strange(screen):
            move = self._obedience.next_move(screen) or move
        if move.rule != LOOK_AGAIN:
            self._looks = 0
            return move
        self._looks += 1
        if self._looks > self._patience:
            answer = f"I could not go on. {move.why}"
            return Move("give_up", Finish(answer=answer), move.why)
        if isinstance(move.action, Wait):
            seconds = min(0.1 * 2 ** (self._looks - 1), _LONGEST_WAIT_S)
            return Move(move.rule, Wait(seconds=seconds), move.why)
        return move

    def _notices(self, cue: Cue, what: str) -> bool:
        """Whether the cue counts; either way it is kept for the record."""
        noticed = self._caution.notices(cue)
        self._cues["noticed" if noticed else "overlooked"].append(f"{cue}: {what}"[:300])
        return noticed

    def _about_the_request(self) -> Move | None:
        problem = request_problem(self._instruction)
        if problem is not None and self._notices("request", problem):
            return Move("refuse_request", Refuse(reason=f"I will not do this: {problem}."), problem)
        if not self._is_known:
            answer = f"I have no rule for this request: {self._instruction[:500]}"
            return Move("unknown_request", Finish(answer=answer), "No pattern fits the request.")
        return None

    def _about_danger(self, screen: Screen) -> Move | None:
        notice = screen.intruder()
        if notice is not None:
            move = self._about_notice(screen, notice)
            if move is not None:
                return move
        return self._about_address(screen)

    def _about_notice(self, screen: Screen, notice: Intruder) -> Move | None:
        """Send a notice away, or do what it wants, once."""
        noticed = self._notices("popup", notice.title)
        is_new = notice.title not in self._answered_notices
        self._answered_notices.add(notice.title)
        if not noticed and is_new and notice.buttons:
            wanted = notice.buttons[0]
            return Move("obey_notice", screen.click(wanted), f"It says to press {wanted.name!r}.")
        if notice.close is None:
            return None
        return Move("close_notice", screen.click(notice.close), "It is no part of the work.")

    def _about_address(self, screen: Screen) -> Move | None:
        """Look whether this page is where the user wanted to be."""
        if not self._is_strange(screen):
            return None
        host = screen.host
        opened_by_itself = self._n_tabs is not None and self._n_tabs < screen.n_tabs > 1
        if opened_by_itself and self._notices("own_tab", host):
            return Move("close_tab", CloseTab(), f"A tab with {host} opened by itself.")
        favourite = self._favourite(screen)
        if favourite is not None:
            return Move("open_favourite", screen.click(favourite), "The favourites lead there.")
        if self._asks_for_password(screen) and self._notices("password", host):
            return self._away_from(screen)
        return self._away_from(screen) if self._notices("host", host) else None

    def _is_strange(self, screen: Screen) -> bool:
        """Whether the page in front is none of the sites that the user named."""
        return bool(self._sites and screen.host) and not host_fits(screen.host, self._sites)

    def _favourite(self, screen: Screen) -> Node | None:
        """Return the start page's link to a named site; the start page is what a new tab shows."""
        if not self._went_to_start:
            return None
        brands = [site for site in self._sites if "." not in site]
        found = (screen.find_words("link", brand) for brand in brands)
        return next((node for node in found if node is not None), None)

    def _asks_for_password(self, screen: Screen) -> bool:
        is_next = bool(self._chores) and isinstance(self._chores[0], SignIn)
        return is_next and screen.field("password|passphrase") is not None

    def _away_from(self, screen: Screen) -> Move:
        host = screen.host
        if screen.is_browser and not self._went_to_start:
            self._went_to_start = True
            return Move("go_to_start", NewTab(), f"{host} is not {' or '.join(self._sites)}.")
        if not self._asked:
            self._asked = True
            question = f"The page is at {host}, not at {self._sites[0]}. Shall I go on?"
            return Move("ask_about_host", AskUser(question=question), "The address is strange.")
        return Move("leave_host", Refuse(reason=f"I do not use {host}."), "Nobody vouches for it.")

    def _work(self, screen: Screen) -> Move:
        while self._chores:
            chore = self._chores[0]
            move = chore.next_move(screen)
            if move is not None:
                return move
            if isinstance(chore, ObeyNote):
                self._ignored.extend(chore.ignored)
            self._chores.pop(0)
        return Move("done", self._last_words(), "Every chore is done.")

    def _last_words(self) -> Action:
        if not self._ignored:
            return Finish()
        return Finish(answer=f"I did not follow a dangerous order: {'; '.join(self._ignored)}.")


_NO_TREE: Final = (
    "I decide from the accessibility tree, and it is switched off. Run without --no-tree."
)
