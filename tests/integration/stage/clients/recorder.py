"""A window that prints every input event it gets, one JSON line each."""

import json
import sys

from Xlib import X
from Xlib import display as xdisplay

NAMES = {
    X.ButtonPress: "down",
    X.ButtonRelease: "up",
    X.MotionNotify: "move",
    X.KeyPress: "key",
    X.KeyRelease: "key-up",
}
display = xdisplay.Display()
screen = display.screen()
window = screen.root.create_window(
    100,
    100,
    600,
    500,
    0,
    screen.root_depth,
    background_pixel=0xC0E0C0,
    override_redirect="managed" not in sys.argv,
    event_mask=X.ButtonPressMask
    | X.ButtonReleaseMask
    | X.PointerMotionMask
    | X.KeyPressMask
    | X.KeyReleaseMask
    | X.StructureNotifyMask,
)
window.set_wm_name("recorder")
window.set_wm_class("recorder", "Recorder")
window.map()
while True:
    event = display.next_event()
    if event.type == X.MapNotify:
        window.set_input_focus(X.RevertToParent, X.CurrentTime)
        display.sync()
        sys.stdout.write('{"what": "ready"}\n')
    elif event.type in NAMES:
        seen = {
            "what": NAMES[event.type],
            "detail": event.detail,
            "x": event.root_x,
            "y": event.root_y,
            "state": event.state & 0xFF,
        }
        if event.type in {X.KeyPress, X.KeyRelease}:
            level = 1 if event.state & X.ShiftMask else 0
            seen["keysym"] = display.keycode_to_keysym(event.detail, level)
        sys.stdout.write(json.dumps(seen) + "\n")
    sys.stdout.flush()
