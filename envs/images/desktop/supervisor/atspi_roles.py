"""AT-SPI's numbered roles and states, in the words of `riosim.accessibility`."""

WINDOW_ROLES = frozenset({2, 9, 16, 19, 22, 23, 64, 69, 14})
TERMINAL, TEXT, PASSWORD, ENTRY, APPLICATION, ROOT_PANE = 60, 61, 40, 79, 75, 46
MENU = 33

_BY_WORD = {
    "alert": (2, 101, 102),
    "application": (75,),
    "button": (43, 62, 129),
    "cell": (10, 47, 56, 57, 58),
    "checkbox": (7, 8),
    "combobox": (11,),
    "dialog": (9, 16, 19, 22),
    "document": (82, 92, 93, 94, 95, 96, 25),
    "form": (87,),
    "heading": (83,),
    "image": (26, 27, 13, 100),
    "link": (88,),
    "list": (31, 98, 121),
    "listitem": (32, 122, 123),
    "menu": (33, 41),
    "menubar": (34,),
    "menuitem": (35, 59),
    "paragraph": (73, 105),
    "progressbar": (42, 103),
    "radio": (44, 45),
    "scrollbar": (48,),
    "slider": (51, 15),
    "spinbutton": (52,),
    "statusbar": (54,),
    "switch": (130,),
    "tab": (37,),
    "table": (55,),
    "tablist": (38,),
    "terminal": (60,),
    "text": (29, 116, 81, 64),
    "textbox": (40, 61, 77, 79),
    "toolbar": (63,),
    "tree": (65, 66),
    "treeitem": (91,),
    "window": (14, 23, 69),
}
ROLE_WORDS = {number: word for word, numbers in _BY_WORD.items() for number in numbers}

EDITABLE, ENABLED, ICONIFIED, PRESSED = 7, 8, 15, 20
SENSITIVE, SHOWING, VISIBLE, MANAGES_DESCENDANTS = 24, 25, 30, 31
ACTIVE, CHECKED, EXPANDED, FOCUSED, SELECTED = 1, 4, 10, 12, 23

_STATE_WORDS = (
    (FOCUSED, "focused"), (CHECKED, "checked"), (SELECTED, "selected"), (EXPANDED, "expanded"),
    (EDITABLE, "editable"),
)  # fmt: skip
_TOGGLES = frozenset({62})
_INTERACTIVE = frozenset(
    "button checkbox combobox link menuitem radio slider spinbutton switch tab textbox".split()
)


def has(states: int, number: int) -> bool:
    """Whether a state is set."""
    return bool(states >> number & 1)


def state_words(states: int, role: int) -> list[str]:
    """Return the states that are told."""
    words = [word for number, word in _STATE_WORDS if has(states, number)]
    if role in _TOGGLES and has(states, PRESSED):
        words.append("checked")
    insensitive = not (has(states, ENABLED) or has(states, SENSITIVE))
    if insensitive and ROLE_WORDS.get(role) in _INTERACTIVE:
        words.append("disabled")
    return words
