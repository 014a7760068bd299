"""A client that takes text and prints what it has, one JSON line a change: gtk, vte or tk.

Run inside the stage's network of displays, as another user than the stage's.
"""

import json
import sys


def say(text):
    print(json.dumps(text), flush=True)


def gtk():
    import gi

    gi.require_version("Gtk", "3.0")
    from gi.repository import Gtk

    window, view = Gtk.Window(title="typed"), Gtk.TextView(accepts_tab=True)
    buffer = view.get_buffer()
    buffer.connect("changed", lambda b: say(b.get_text(*b.get_bounds(), True)))
    window.add(view)
    window.set_default_size(500, 300)
    window.show_all()
    Gtk.main()


def tk():
    import tkinter

    root = tkinter.Tk()
    root.title("typed")
    text = tkinter.Text(root, width=60, height=20)
    text.pack()
    text.bind(
        "<<Modified>>",
        lambda _: (
            text.edit_modified() and say(text.get("1.0", "end-1c")),
            text.edit_modified(False),
        ),
    )
    text.focus_force()
    root.mainloop()


def vte():
    import gi

    gi.require_version("Gtk", "3.0")
    gi.require_version("Vte", "2.91")
    from gi.repository import GLib, Gtk, Vte

    window, terminal = Gtk.Window(title="typed"), Vte.Terminal()
    out = sys.argv[2]
    open(out, "w").close()
    terminal.spawn_sync(
        Vte.PtyFlags.DEFAULT,
        "/",
        [sys.executable, __file__, "tty", out],
        None,
        GLib.SpawnFlags.DEFAULT,
        None,
        None,
        None,
    )
    window.add(terminal)
    window.show_all()
    window.connect("destroy", Gtk.main_quit)
    with open(out, encoding="utf-8") as read:

        def poll():
            for line in read:
                print(line, end="", flush=True)
            return True

        GLib.timeout_add(10, poll)
        Gtk.main()


def tty():
    """Inside a terminal: take keys one by one; Ctrl+L forgets."""
    import codecs
    import os
    import tty as terminal

    terminal.setraw(0)
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    text = ""
    with open(sys.argv[2], "a", encoding="utf-8") as out:
        while data := os.read(0, 65536):
            text += decode(data).replace("\r", "\n")
            text = text.rpartition("\x0c")[2]
            out.write(json.dumps(text) + "\n")
            out.flush()


{"gtk": gtk, "tk": tk, "vte": vte, "tty": tty}[sys.argv[1]]()
