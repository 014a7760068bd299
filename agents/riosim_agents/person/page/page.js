// One person, one task: shows each picture as it comes and sends one action for it.

import { connectControls, letGo, sticky, takeThought } from "./controls.js";
import { Keyboard } from "./keyboard.js";
import { Pointer } from "./pointer.js";
import { inWords, View } from "./view.js";

const canvas = document.getElementById("screen");
const view = new View(canvas);
const seat = [...crypto.getRandomValues(new Uint8Array(12))].map((one) => one.toString(16)).join("-");
let state = { phase: "connecting" };
let shown = 0; // number of the turn whose picture is drawn
let isSending = false;
let held = null; // a click that waits until the text before it has been typed
let deadline = null;
let hasAsked = false;
let sending = Promise.resolve(); // until what is being sent is answered
const BUSY = "The machine is at work; try again in a moment.";

const mayAct = () => state.phase === "your_turn" && shown === state.number && !isSending;

async function post(name, body) {
  const answer = await fetch(name, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ seat, ...body }),
  });
  return [answer.ok, await answer.json()];
}

// Sends one action; returns whether it was taken.
async function act(action) {
  if (!mayAct()) {
    const isBusy = isSending || state.phase === "working" || state.phase === "your_turn";
    if (isBusy && action.kind === "click") hold(action); // it was meant for the picture that is shown
    else if (isBusy) view.pending(BUSY);
    return false;
  }
  if (action.kind !== "type_text" && keyboard.text) {
    if (action.kind === "click") hold(action);
    keyboard.flush();
    if (!held) view.pending("Your text was sent first; do this again.");
    return false;
  }
  isSending = true;
  let isSent;
  sending = new Promise((resolve) => { isSent = resolve; });
  view.notice("", "");
  view.pending("");
  refresh();
  const { thought, forget } = takeThought();
  try {
    const [isTaken, answer] = await post("decide", { number: state.number, action, thought });
    if (isTaken) {
      forget();
      letGo();
      view.log(state.step + 1, inWords(action));
      const point = action.at ?? action.end;
      if (point) view.mark(point);
      hasAsked = action.kind === "ask_user";
      state = { ...state, phase: "working" };
    } else {
      view.notice("Not done: ", answer.problem ?? "the page was not understood.", "bad");
    }
    return isTaken;
  } catch {
    view.notice("Not sent: ", "the run does not answer.", "bad");
    return false;
  } finally {
    isSending = false;
    refresh();
    isSent();
  }
}

function hold(action) {
  held = { action, patch: view.patch(action.at) };
}

function onTab(kind, index) {
  return act(index === undefined ? { kind } : { kind, index });
}

const keyboard = new Keyboard(canvas, {
  act, mayAct, sticky,
  mayType: () => state.phase === "your_turn" || state.phase === "working",
  show: (text) => view.pending(text && `Typing “${text.replaceAll("\n", "⏎").replaceAll("\t", "⇥")}”`),
  begin: () => pointer.flush(),
  leave: () => document.getElementById("look").focus(),
});

const pointer = new Pointer(canvas, {
  act, mayAct,
  holds: (event) => keyboard.holds(event),
  hover: (point) => view.place(point),
  begin: (action) => {
    if (action.kind === "click") view.mark(action.at);
    else view.pending(`Scrolling ${action.dx ? `${action.dx} sideways, ` : ""}${action.dy}`);
  },
});

connectControls(act, (why) => view.notice("Not done: ", why, "bad"), onTab);
canvas.addEventListener("pointerdown", () => {
  if (!mayAct() && state.phase === "working") view.pending(BUSY);
});
document.getElementById("take").addEventListener("click", () => post("take", {}));
document.getElementById("tree-part").addEventListener("toggle", () => view.tree(state.number));
document.getElementById("full-size").addEventListener("change", (event) => {
  document.getElementById("frame").classList.toggle("full", event.target.checked);
});
function showPatience() {
  view.patience(deadline === null ? null : Math.max(0, (deadline - performance.now()) / 1000));
}
setInterval(showPatience, 500);

// Says how the task ended, or what the machine or the user said.
function announce(last) {
  if (state.phase === "closed") view.notice("The run has ended.", "You can close this page.", "news");
  else if (state.phase === "over") view.notice(state.why_over, "The next task, if there is one, comes here.", "news");
  else if (state.episode > 1 && state.phase === "starting" && state.episode !== last.episode) view.notice("Next task.", "It is being set up.", "news");
  else if (state.phase === "your_turn" && (state.number !== last.number || last.phase !== "working")) {
    const isReply = hasAsked;
    if (state.message) view.notice(isReply ? "The user replies: " : "The machine says: ", state.message, isReply ? "reply" : "");
    else if (state.step === 0 && state.episode > 1) view.notice("This is a new task.", "Read what the user asks.", "news");
    else view.notice("", "");
    if (state.message && !isReply) view.lastWasInvalid();
  }
}

function release() {
  const waiting = held;
  held = null;
  if (!waiting) return;
  if (view.patch(waiting.action.at) === waiting.patch) act(waiting.action);
  else view.pending("The picture changed where you clicked; look and click again.");
}

// Redraws the phase once the picture of the turn is there.
function refresh() {
  const isNew = state.phase === "your_turn" && shown !== state.number;
  view.phase(isNew || (isSending && state.phase === "your_turn") ? "working" : state.phase);
  document.body.dataset.number = String(shown);
}

async function take(next) {
  const last = state;
  state = next;
  if (state.phase === "taken") {
    shown = 0;
    forgetAll();
    refresh();
    return;
  }
  if (state.episode !== last.episode) {
    forgetAll();
    view.clearLog();
    hasAsked = false;
  }
  view.facts(state, onTab);
  deadline = state.phase === "your_turn" ? performance.now() + state.left_s * 1000 : null;
  showPatience();
  announce(last);
  if (state.number !== undefined && state.number !== shown) {
    const number = state.number;
    const isDrawn = await view.picture(`picture/${number}`, state.width_px, state.height_px);
    if (!isDrawn || state.number !== number) return;
    shown = number;
    view.tree(number);
  }
  refresh();
  if (mayAct()) {
    release();
    keyboard.resume();
  }
}

function forgetAll() {
  held = null;
  keyboard.forget();
  pointer.forget();
  document.getElementById("dialog").close();
}

// States come one after the other; each is drawn before the next.
let queue = Promise.resolve();
const stream = new EventSource(`stream?seat=${seat}`);
stream.addEventListener("message", (event) => {
  const next = JSON.parse(event.data);
  queue = queue.then(() => sending).then(() => take(next)).catch((error) => {
    view.notice("This page failed: ", String(error), "bad");
  });
  if (next.phase === "closed") stream.close();
});
stream.addEventListener("error", () => {
  if (state.phase === "closed") return;
  queue = queue.then(() => {
    state = { ...state, phase: "lost" };
    view.phase("lost");
    view.notice("The run does not answer.", "It may have ended; this page goes on by itself if it comes back.", "bad");
  });
});
