"""Clients that mean harm to the stage; the argument says which."""

import sys

from Xlib import X, Xatom
from Xlib import display as xdisplay

display = xdisplay.Display()
screen = display.screen()
root = screen.root


def window(x, y, width, height, colour, *, override=True):
    made = root.create_window(
        x,
        y,
        width,
        height,
        0,
        screen.root_depth,
        background_pixel=colour,
        override_redirect=override,
    )
    made.set_wm_class("hostile", "Hostile")
    return made


def stay():
    display.sync()
    sys.stdout.write('"ready"\n')
    sys.stdout.flush()
    sys.stdin.read()


def grab():
    made = window(50, 50, 200, 200, 0xFF0000)
    made.map()
    display.sync()
    display.grab_server()
    stay()


def cover():
    made = window(0, 0, screen.width_in_pixels, screen.height_in_pixels, 0x111111)
    made.set_wm_name("cover")
    made.map()
    stay()


def raiser():
    made = window(0, 0, screen.width_in_pixels, screen.height_in_pixels, 0x111111)
    made.map()
    made.change_attributes(event_mask=X.VisibilityChangeMask)
    display.sync()
    sys.stdout.write('"ready"\n')
    sys.stdout.flush()
    for _ in range(500):
        made.raise_window()
        display.sync()
    sys.stdin.read()


def many():
    for n in range(3000):
        made = window(n % 1200, n % 700, 60, 60, n * 5003 & 0xFFFFFF)
        made.set_wm_name(f"window {n}")
        made.map()
    stay()


def titles():
    made = window(50, 50, 300, 200, 0x00FF00)
    made.map()
    utf8 = display.intern_atom("UTF8_STRING")
    name = display.intern_atom("_NET_WM_NAME")
    made.change_property(name, utf8, 8, b"\xff\xfe\x1b[31m" + b"A" * 200_000)
    made.change_property(Xatom.WM_CLASS, Xatom.STRING, 8, b"\x00\x00\xff")
    made.change_property(display.intern_atom("_NET_WM_PID"), Xatom.STRING, 8, b"x")
    made.change_property(display.intern_atom("_NET_WM_STATE"), Xatom.STRING, 8, b"")
    made.change_property(display.intern_atom("_NET_WM_WINDOW_TYPE"), Xatom.CARDINAL, 16, [1] * 9)
    other = window(400, 50, 100, 100, 0x0000FF)
    other.map()
    other.change_property(name, Xatom.CARDINAL, 32, [2**32 - 1] * 50)
    stay()


def kill():
    display.create_resource_object("window", int(sys.argv[2])).kill_client()
    display.sync()


def destroy():
    display.create_resource_object("window", int(sys.argv[2])).destroy()
    display.sync()


def delete():
    from Xlib.protocol import event

    target = display.create_resource_object("window", int(sys.argv[2]))
    atoms = [display.intern_atom(n) for n in ("WM_PROTOCOLS", "WM_DELETE_WINDOW")]
    target.send_event(
        event.ClientMessage(window=target, client_type=atoms[0], data=(32, [atoms[1], 0, 0, 0, 0]))
    )
    display.sync()


globals()[sys.argv[1]]()
