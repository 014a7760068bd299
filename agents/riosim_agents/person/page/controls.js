// The controls beside the picture: all that a mouse and a keyboard cannot say, and all that they
// can for whoever has only one of them.

import { NAMES } from "./keyboard.js";

const byId = (id) => document.getElementById(id);
const number = (id) => Number(byId(id).value);
const CHORDS = [
  "ctrl+w", "ctrl+t", "ctrl+n", "ctrl+shift+t", "ctrl+tab", "ctrl+q", "alt+tab", "alt+f4", "super",
  "alt", "f11", "printscreen",
];
const DIALOGS = {
  finish: {
    title: "You are done", hint: "Ends the task. Give the answer if the user asked for one.",
    say: "End the task", make: (answer) => ({ kind: "finish", answer }),
  },
  refuse: {
    title: "You will not do this", hint: "Ends the task. Say why, if you like.",
    say: "Refuse and end the task", make: (reason) => ({ kind: "refuse", reason }),
  },
  ask: {
    title: "Ask the user", hint: "The reply comes with the next picture. Costs a step.",
    say: "Ask", make: (question) => ({ kind: "ask_user", question }),
  },
};

// The modifiers that are ticked; they are let go once they are used.
export function sticky() {
  return [...document.querySelectorAll("#holds input:checked")].map((box) => box.value);
}

export function letGo() {
  for (const box of document.querySelectorAll("#holds input")) box.checked = false;
}

export function takeThought() {
  const thought = byId("thought").value;
  return { thought, forget: () => { if (byId("thought").value === thought) byId("thought").value = ""; } };
}

// `act` sends an action and returns whether it was taken; `say` shows why something is impossible.
export function connectControls(act, say, onTab) {
  byId("look").addEventListener("click", () => act({ kind: "wait", seconds: 0.5 }));
  byId("wait").addEventListener("click", () => act({ kind: "wait", seconds: 3 }));
  byId("back").addEventListener("click", () => onTab("back"));
  onSubmit("goto", () => {
    const address = byId("address").value.trim();
    if (!address) return;
    act({ kind: "goto", url: /^https?:\/\//i.test(address) ? address : `https://${address}` });
    byId("address").blur();
  });
  onSubmit("typing", async () => {
    const text = byId("text").value;
    if (text && (await act({ kind: "type_text", text }))) byId("text").value = "";
  });
  onSubmit("press", () => press(act, say));
  onSubmit("point", () => point(act));
  byId("deed").addEventListener("change", showDeed);
  onSubmit("raw", () => {
    try {
      const action = JSON.parse(byId("json").value);
      if (typeof action?.kind !== "string") throw new Error("it has no kind");
      act(action);
    } catch (error) {
      say(`This is no action: ${error.message}`);
    }
  });
  byId("keys").replaceChildren(...Object.values(NAMES).map((name) => new Option(name, name)));
  byId("chords").replaceChildren(...CHORDS.map((chord) => chordButton(chord, act)));
  for (const name of Object.keys(DIALOGS)) byId(name).addEventListener("click", () => ask(name));
  byId("cancel").addEventListener("click", () => byId("dialog").close());
  onSubmit("words", async () => {
    const { make } = DIALOGS[byId("dialog").dataset.name];
    if (await act(make(byId("said").value))) byId("dialog").close();
    else byId("dialog-hint").textContent = "Not sent yet: the machine was at work. Try again in a moment.";
  });
}

function onSubmit(id, what) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    what();
  });
}

function ask(name) {
  const dialog = byId("dialog");
  const { title, hint, say } = DIALOGS[name];
  dialog.dataset.name = name;
  byId("dialog-title").textContent = title;
  byId("dialog-hint").textContent = hint;
  byId("say").textContent = say;
  byId("say").className = name === "refuse" ? "stop" : "main";
  byId("said").value = "";
  dialog.showModal();
  byId("said").focus();
}

function press(act, say) {
  const typed = byId("key").value;
  const key = typed.trim() === "" ? (typed ? "space" : "") : typed.trim();
  const name = NAMES[key] ?? ([...key].length === 1 ? key : key.toLowerCase());
  const holds = sticky();
  if (!name) {
    say("Name a key: one character, or a name such as enter, tab, f5.");
    return;
  }
  if (holds.length > 0) act({ kind: "hotkey", keys: [...holds, name] });
  else act({ kind: "press", key: name, count: number("times") || 1 });
}

function point(act) {
  const at = { x: number("x"), y: number("y") };
  const deed = byId("deed").value;
  const counts = { click: 1, double: 2, triple: 3 };
  if (deed === "move") act({ kind: "move", at });
  else if (deed === "drag") act({ kind: "drag", start: at, end: { x: number("to-x"), y: number("to-y") } });
  else if (deed === "up") act({ kind: "scroll", at, dy: -number("notches") });
  else if (deed === "down") act({ kind: "scroll", at, dy: number("notches") });
  else {
    const button = deed === "right" || deed === "middle" ? deed : "left";
    act({ kind: "click", at, button, count: counts[deed] ?? 1, modifiers: sticky() });
  }
}

function showDeed() {
  const deed = byId("deed").value;
  for (const part of document.querySelectorAll("#point .to")) part.hidden = deed !== "drag";
  document.querySelector("#point .notches").hidden = deed !== "up" && deed !== "down";
}

function chordButton(chord, act) {
  const made = document.createElement("button");
  const keys = chord.split("+");
  made.type = "button";
  made.textContent = keys.map((key) => key[0].toUpperCase() + key.slice(1)).join("+");
  made.addEventListener("click", () =>
    act(keys.length === 1 ? { kind: "press", key: chord } : { kind: "hotkey", keys }));
  return made;
}
