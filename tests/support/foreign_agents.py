"""Agents as strangers wrote them for OSWorld and for BrowserGym; they know nothing of riosim."""

import io
import re
import xml.etree.ElementTree as ET  # as everybody imports it
from dataclasses import dataclass

from PIL import Image

STATE = "{https://accessibility.ubuntu.example.org/ns/state}"
COMPONENT = "{https://accessibility.ubuntu.example.org/ns/component}"


def rows_of(obs):
    """Return (tag, name, x, y) of what is on the screen, as OSWorld's own agents flatten it."""
    rows = []
    tree = ET.fromstring(obs["accessibility_tree"])  # noqa: S314  # our own XML
    for node in tree.iter():
        if node.get(f"{STATE}showing") == "true" and node.get("name"):
            x, y = map(int, node.get(f"{COMPONENT}screencoord").strip("()").split(", "))
            width, height = map(int, node.get(f"{COMPONENT}size").strip("()").split(", "))
            rows.append((node.tag, node.get("name"), x + width // 2, y + height // 2))
    return rows


def quoted(text):
    """Return what stands between the first quotation marks."""
    return text.split('"')[1]


class OSWorldSearcher:
    """Searches titles for what the instruction quotes, in PyAutoGUI code."""

    def __init__(self, platform="ubuntu", model="none", action_space="pyautogui"):
        self.action_space = action_space
        self.turn = -1

    def reset(self, _logger=None):
        self.logger = _logger
        self.turn = 0

    def predict(self, instruction, obs):
        picture = Image.open(io.BytesIO(obs["screenshot"]))
        assert picture.format == "PNG"
        self.turn += 1
        self.logger.debug("turn %s", self.turn)
        if self.turn > 1:
            return "The results are open.", ["DONE"]
        places = {(tag, name): (x, y) for tag, name, x, y in rows_of(obs)}
        field = places["combo-box", "Search in"]
        entry = places["entry", "Search"]
        words = quoted(instruction)
        if self.action_space == "computer_13":
            return {"plan": "search"}, [
                {"action_type": "CLICK", "parameters": {"x": field[0], "y": field[1]}},
                {"action_type": "TYPING", "parameters": {"text": "Title"}},
                {"action_type": "PRESS", "parameters": {"key": "enter"}},
                {"action_type": "MOVE_TO", "parameters": {"x": entry[0], "y": entry[1]}},
                {"action_type": "CLICK", "parameters": {}},
                {"action_type": "TYPING", "parameters": {"text": words}},
                {"action_type": "PRESS", "parameters": {"key": "enter"}},
            ]
        return "I search.", [
            f"import pyautogui\nimport time\npyautogui.click({field[0]}, {field[1]})\n"
            "time.sleep(0.5)\npyautogui.write('Title', interval=0.05)\npyautogui.press('enter')",
            f"pyautogui.moveTo({entry[0]}, {entry[1]})",
            f"pyautogui.click()\npyautogui.typewrite({words!r})\npyautogui.press('enter')",
        ]


class OSWorldTypist:
    """Types into whatever has the keyboard, and is done."""

    def reset(self, runtime_logger, vm_ip=None, **kwargs):
        self.turn = 0

    def predict(self, instruction, obs, last_action_after_obs=None, step_idx=0):
        self.turn += 1
        if self.turn > 1:
            return "done", ["DONE"], {"more": "that some return"}
        return "I type.", ["pyautogui.write('hello from a stranger')"], {}


class GymSearcher:
    """Searches titles for what the goal quotes, by identifiers of elements."""

    def __init__(self, temperature=0.1):
        self.turn = 0

    def obs_preprocessor(self, obs):
        return {"axtree": obs["axtree_txt"], "goal": obs["goal_object"][0]["text"]}

    def get_action(self, obs):
        self.turn += 1
        if self.turn > 1:
            return 'send_msg_to_user("The results are open.")', {"think": "It is done."}
        words = quoted(obs["goal"])
        bids = {
            (role, name): bid
            for bid, role, name in re.findall(r"\[(\w+)\] (\w+) '(.*?)'", obs["axtree"])
        }
        field, box = bids["textbox", "Search"], bids["combobox", "Search in"]
        action = (
            f"Titles first.\n```\nselect_option('{box}', 'Title')\n"
            f'fill("{field}", "{words}")\npress("{field}", "Enter")\n```'
        )
        return action, {"think": "I search."}


@dataclass
class GymArgs:
    """Settings that make an agent, as AgentLab keeps them."""

    temperature: float = 0.1

    def make_agent(self):
        return GymSearcher(self.temperature)


AGENT_SEARCHER = GymArgs()


class Says:
    """Speaks both protocols and says what it is told to, one answer a turn; the last one stays."""

    def __init__(self, answers, seen=None):
        self.answers = list(answers)
        self.seen = [] if seen is None else seen
        self.resets = 0

    def reset(self):
        self.resets += 1

    def next(self, *seen):
        self.seen.append(seen)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def predict(self, instruction, obs):
        return self.next(instruction, obs)

    def get_action(self, obs):
        return self.next(obs)


class GymTour:
    """Does one of everything, in turn; has no reset."""

    def __init__(self):
        self.turn = -1

    def get_action(self, obs):
        self.turn += 1
        tour = ["fill('3', 'a')", "mouse_click(5, 5)", "click('999')", "report_infeasible('no')"]
        return tour[self.turn % len(tour)], {}


class LogFirst:
    """Takes its log by place, under a name of its own."""

    def reset(self, book, /, seed):
        self.kept = (book, seed)

    def predict(self, instruction, obs):
        return self.kept[0].name, ["DONE"]


class Broken:
    """Cannot be made."""

    def __init__(self, model):
        raise RuntimeError(f"no model {model}")


class Useless:
    """Is no agent."""
