"""The calls that UI-TARS is told of, in our words."""

from riosim_agents.gui_model.prompt import gui_part
from riosim_agents.model.prompt import filled

__all__ = ["ui_tars_functions"]


def ui_tars_functions(version: str, *, extras: bool, has_tabs: bool) -> str:
    """Return the calls of a version, a line each; EXTRAS adds those that the grammar lacks."""
    if version == "doubao":
        at = "point='<point>x1 y1</point>'"
        from_to = "start_point='<point>x1 y1</point>', end_point='<point>x2 y2</point>'"
    else:
        box = "<|box_start|>({})<|box_end|>".format
        at = f"start_box='{box('x1,y1')}'"
        from_to = f"{at}, end_box='{box('x2,y2')}'"
    functions = [filled(gui_part("ui_tars_functions"), {"at": at, "from_to": from_to})]
    if extras:
        functions.append(gui_part("ui_tars_extras"))
        if has_tabs:
            functions.append(gui_part("ui_tars_browser"))
    return "\n".join(functions)
