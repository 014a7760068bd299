// Draws the state of the task. Everything from the machine and the task is set as text.

const byId = (id) => document.getElementById(id);
const STATUS = {
  connecting: "Connecting…", starting: "Getting ready…", your_turn: "Your turn",
  working: "Working…", over: "Task ended", closed: "Run ended", taken: "Open elsewhere",
  lost: "Connection lost",
};

export class View {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.treeNumber = 0;
    this.loads = null;
  }

  phase(name) {
    document.body.dataset.phase = name;
    byId("status").textContent = STATUS[name] ?? name;
    byId("other").hidden = name !== "taken";
    const isOn = name === "your_turn" || name === "working";
    for (const part of document.querySelectorAll("nav, aside > :not(#notice)")) part.inert = !isOn;
  }

  // Shows all but the picture and the phase.
  facts(state, onTab) {
    byId("instruction").textContent = state.instruction;
    byId("steps").textContent = stepsText(state);
    const isBrowser = state.surface === "browser";
    byId("browser").hidden = !isBrowser;
    if (isBrowser) {
      const address = byId("address");
      if (document.activeElement !== address) address.value = state.url;
      this.#tabs(state.tabs, onTab);
    }
    byId("tree-part").hidden = !state.has_tree;
  }

  notice(title, text, kind = "") {
    byId("notice-title").textContent = title;
    byId("notice-text").textContent = text;
    byId("notice").className = kind;
    byId("notice").hidden = !title && !text;
  }

  async picture(url, width, height) {
    const answer = await fetch(url);
    if (!answer.ok) return false;
    const bitmap = await createImageBitmap(await answer.blob());
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    this.context.drawImage(bitmap, 0, 0);
    bitmap.close();
    byId("mark").hidden = true;
    return true;
  }

  async tree(number) {
    if (this.treeNumber === number || !byId("tree-part").open) return;
    this.treeNumber = number;
    const answer = await fetch(`tree/${number}`);
    if (answer.ok && this.treeNumber === number) byId("tree").textContent = await answer.text();
  }

  // The pixels around a point, to tell later whether what was pointed at is still there.
  patch(point) {
    const side = 33;
    const x = Math.max(0, point.x - 16);
    const y = Math.max(0, point.y - 16);
    return this.context.getImageData(x, y, side, side).data.join();
  }

  mark(point) {
    const mark = byId("mark");
    mark.style.left = `${((point.x + 0.5) / this.canvas.width) * 100}%`;
    mark.style.top = `${((point.y + 0.5) / this.canvas.height) * 100}%`;
    mark.hidden = false;
  }

  place(point) {
    byId("place").textContent = point ? `${point.x}, ${point.y}` : "";
  }

  pending(text) {
    byId("pending").textContent = text;
  }

  patience(seconds) {
    const shown = seconds !== null && seconds < 600;
    byId("patience").hidden = !shown;
    if (!shown) return;
    const minutes = Math.floor(seconds / 60);
    const rest = String(Math.floor(seconds % 60)).padStart(2, "0");
    byId("patience").textContent = `waits ${minutes}:${rest} more`;
  }

  log(step, text) {
    byId("nothing").hidden = true;
    const item = document.createElement("li");
    item.value = step;
    item.textContent = text;
    byId("log").prepend(item);
    while (byId("log").children.length > 200) byId("log").lastChild.remove();
  }

  lastWasInvalid() {
    byId("log").firstChild?.classList.add("invalid");
  }

  clearLog() {
    byId("log").replaceChildren();
    byId("nothing").hidden = false;
  }

  #tabs(titles, onTab) {
    const buttons = titles.map((title, index) =>
      button(title || "Untitled", `Switch to tab ${index + 1}: ${title}`, () => onTab("switch_tab", index)));
    const extra = [
      button("+", "Open a new tab", () => onTab("new_tab")),
      button("×", "Close the tab in front", () => onTab("close_tab")),
    ];
    for (const one of extra) one.classList.add("small");
    byId("tabs").replaceChildren(...buttons, ...extra);
  }
}

function button(text, label, onClick) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.title = label;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", onClick);
  return made;
}

function stepsText(state) {
  if (state.step === undefined) return "";
  const isKnown = state.max_steps !== null && state.step < state.max_steps;
  return `Step ${state.step + 1}${isKnown ? ` of ${state.max_steps}` : ""}`;
}

const at = (point) => `${point.x}, ${point.y}`;

// An action in a few words, for the list of what was done.
export function inWords(action) {
  const short = (text) => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
  switch (action.kind) {
    case "click": {
      const holds = action.modifiers?.length ? ` with ${action.modifiers.join("+")}` : "";
      const times = ["", "", "double ", "triple "][action.count ?? 1];
      const button = action.button && action.button !== "left" ? `${action.button} ` : "";
      return `${times}${button}click at ${at(action.at)}${holds}`;
    }
    case "drag": return `drag from ${at(action.start)} to ${at(action.end)}`;
    case "move": return `pointer to ${at(action.at)}`;
    case "scroll": return `scroll ${action.dx ? `${action.dx} sideways, ` : ""}${action.dy} at ${at(action.at)}`;
    case "type_text": return `type “${short(action.text)}”`;
    case "press": return `press ${action.key}${action.count > 1 ? ` × ${action.count}` : ""}`;
    case "hotkey": return `press ${action.keys.join("+")}`;
    case "wait": return `wait ${action.seconds} s`;
    case "goto": return `go to ${short(action.url)}`;
    case "ask_user": return `ask “${short(action.question)}”`;
    case "finish": return `done${action.answer ? `: “${short(action.answer)}”` : ""}`;
    case "refuse": return `refuse${action.reason ? `: “${short(action.reason)}”` : ""}`;
    case "switch_tab": return `switch to tab ${action.index + 1}`;
    default: return String(action.kind).replaceAll("_", " ");
  }
}
