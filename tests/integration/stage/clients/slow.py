"""A window that takes its time: 0.3 s after each press it turns red; it answers to pings."""

import sys
import time

from Xlib import X, Xatom
from Xlib import display as xdisplay

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
    override_redirect=True,
    event_mask=X.ButtonPressMask | X.KeyPressMask | X.StructureNotifyMask,
)
protocols, ping = display.intern_atom("WM_PROTOCOLS"), display.intern_atom("_NET_WM_PING")
window.change_property(protocols, Xatom.ATOM, 32, [ping])
window.map()
while True:
    event = display.next_event()
    if event.type == X.MapNotify:
        window.set_input_focus(X.RevertToParent, X.CurrentTime)
        display.sync()
        sys.stdout.write('{"what": "ready"}\n')
        sys.stdout.flush()
    elif event.type in {X.ButtonPress, X.KeyPress}:
        time.sleep(0.3)
        window.change_attributes(background_pixel=0xFF0000)
        window.clear_area()
        display.sync()
    elif event.type == X.ClientMessage and list(event.data[1])[0] == ping:
        event.window = screen.root
        screen.root.send_event(event, event_mask=X.SubstructureNotifyMask)
        display.sync()
