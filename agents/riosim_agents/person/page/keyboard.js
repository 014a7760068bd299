// Keys that are pressed while the picture has the focus, as actions: characters are gathered into
// a text, repeated keys into a count, and keys that are held with others become a chord.

const TEXT_MS = 900; // of silence, after which a text is sent
const REPEAT_MS = 350;
const MAX_CHARS = 20000;

export const NAMES = {
  Enter: "enter", Tab: "tab", Backspace: "backspace", Delete: "delete", Escape: "escape",
  ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", Home: "home",
  End: "end", PageUp: "pageup", PageDown: "pagedown", Insert: "insert", ContextMenu: "menu",
  Pause: "pause", PrintScreen: "printscreen", " ": "space",
};
for (let n = 1; n <= 12; n += 1) NAMES[`F${n}`] = `f${n}`;

const MODIFIERS = { Control: "ctrl", Alt: "alt", Shift: "shift", Meta: "super", OS: "super" };
const AT_ONCE = new Set(["enter", "escape", "menu", "printscreen"]);

export class Keyboard {
  // `on` has: act(action), mayAct() and mayType() → bool, show(text), sticky() → names of held modifiers that are then let go,
  // leave(), begin() before anything is gathered.
  constructor(canvas, on) {
    this.on = on;
    this.text = "";
    this.keys = null; // {key, count, timer}
    this.timer = 0;
    this.held = []; // in the order in which they were pressed
    this.isLeaving = false;
    canvas.addEventListener("keydown", (event) => this.#press(event));
    canvas.addEventListener("keyup", (event) => this.#release(event));
    canvas.addEventListener("blur", () => { this.held = []; this.isLeaving = false; });
  }

  // The modifiers of a mouse or key event, in the order in which they were pressed.
  holds(event) {
    this.isLeaving = false;
    const now = ["alt", "ctrl", "shift", "super"].filter((name) => isHeld(name, event));
    const inOrder = this.held.filter((name) => now.includes(name));
    const all = [...inOrder, ...now.filter((name) => !inOrder.includes(name))];
    return [...all, ...this.on.sticky().filter((name) => !all.includes(name))];
  }

  get isEmpty() {
    return this.text === "" && this.keys === null;
  }

  // Sends what has been gathered, now; returns whether there was anything.
  flush() {
    clearTimeout(this.timer);
    const { text, keys } = this;
    if (keys) {
      this.keys = null;
      clearTimeout(keys.timer);
      this.on.act({ kind: "press", key: keys.key, count: keys.count });
    } else if (text && this.on.mayAct()) {
      this.text = "";
      this.on.show("");
      this.on.act({ kind: "type_text", text });
    }
    return Boolean(keys || text);
  }

  // A new picture is here: what was typed meanwhile gets its silence.
  resume() {
    if (this.text) this.#wait();
  }

  forget() {
    clearTimeout(this.timer);
    clearTimeout(this.keys?.timer);
    this.text = "";
    this.keys = null;
    this.on.show("");
  }

  #wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), TEXT_MS);
    this.on.show(this.text);
  }

  #press(event) {
    const modifier = MODIFIERS[event.key];
    if (modifier) {
      if (!event.repeat) this.held.push(modifier);
      this.isLeaving = event.ctrlKey && event.altKey && !event.shiftKey && !event.metaKey;
      if (modifier === "alt" || modifier === "super") event.preventDefault();
      return;
    }
    this.isLeaving = false;
    if (event.isComposing || event.key === "Dead" || event.key === "Process") return;
    event.preventDefault();
    const isAltGraph = event.getModifierState("AltGraph");
    const holds = isAltGraph ? [] : this.holds(event);
    const isCharacter = [...event.key].length === 1;
    const others = holds.filter((name) => name !== "shift");
    if (others.length > 0 || (holds.includes("shift") && !isCharacter)) {
      const key = keyOf(event);
      if (!key || event.repeat) return;
      this.on.begin();
      if (this.keys) this.flush();
      else this.on.act({ kind: "hotkey", keys: [...holds, key] });
    } else if (isCharacter) {
      this.#gather(holds.includes("shift") && !event.shiftKey ? event.key.toUpperCase() : event.key);
    } else if (NAMES[event.key]) {
      this.#special(NAMES[event.key], event.repeat);
    }
  }

  #release(event) {
    const modifier = MODIFIERS[event.key];
    if (event.key === "PrintScreen") this.#special("printscreen"); // has no keydown everywhere
    if (!modifier) return;
    this.held = this.held.filter((name) => name !== modifier);
    if (this.isLeaving) {
      this.isLeaving = false;
      this.on.leave();
    }
  }

  #gather(character) {
    if (!this.on.mayType()) return;
    this.on.begin();
    if (this.keys) this.flush();
    if (this.text.length < MAX_CHARS) this.text += character;
    this.#wait();
  }

  #special(key, isRepeat = false) {
    if (isRepeat && AT_ONCE.has(key)) return; // a finger that rests is no further decision
    if (this.text) {
      this.#edit(key);
      return;
    }
    if (!this.on.mayAct()) return;
    this.on.begin();
    if (this.keys && this.keys.key === key && this.keys.count < 50) {
      this.keys.count += 1;
    } else if (this.keys) {
      this.flush();
      return;
    } else {
      this.keys = { key, count: 1 };
    }
    clearTimeout(this.keys.timer);
    if (AT_ONCE.has(key)) this.flush();
    else this.keys.timer = setTimeout(() => this.flush(), REPEAT_MS);
  }

  // A special key while a text waits: it belongs to the text, or sends it.
  #edit(key) {
    if (key === "backspace") {
      this.text = [...this.text].slice(0, -1).join("");
      this.#wait();
    } else if (key === "escape") {
      this.forget();
    } else if (key === "enter") {
      this.text += "\n";
      this.#wait();
      this.flush();
    } else if (key === "tab") {
      this.text += "\t";
      this.#wait();
    } else {
      this.on.act({ kind: "press", key, count: 1 }); // the text goes first
    }
  }
}

function isHeld(name, event) {
  return event[{ alt: "altKey", ctrl: "ctrlKey", shift: "shiftKey", super: "metaKey" }[name]];
}

// The name of a key within a chord: letters are small, for Shift is named apart.
function keyOf(event) {
  if (NAMES[event.key]) return NAMES[event.key];
  const letter = /^Key([A-Z])$/.exec(event.code);
  const digit = /^Digit([0-9])$/.exec(event.code);
  if (/^[!-~]$/.test(event.key)) return event.key.toLowerCase();
  if (letter) return letter[1].toLowerCase();
  return digit ? digit[1] : "";
}
