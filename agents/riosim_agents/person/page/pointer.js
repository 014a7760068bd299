// Mouse gestures on the picture, as actions: clicks are counted, drags told from clicks, and the
// wheel gathered. Every point is a pixel of the machine, whatever size the picture has here.

const SLIP_PX = 4; // of this page: a hand is not steady
const COUNT_MS = 300; // within which a further click belongs to the last one
const WHEEL_MS = 300;
const BUTTONS = ["left", "middle", "right"];

export class Pointer {
  // `on` has: mayAct() → bool, holds(event) → names of held modifiers, act(action),
  // hover(point or null), begin() before any gesture.
  constructor(canvas, on) {
    this.canvas = canvas;
    this.on = on;
    this.down = null;
    this.clicks = null;
    this.wheel = null;
    this.last = null; // where the pointer is, more exactly than a wheel's event tells
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => {
      this.last = { clientX: event.clientX, clientY: event.clientY };
      on.hover(this.pixel(event));
    });
    canvas.addEventListener("pointerup", (event) => this.#release(event));
    canvas.addEventListener("pointercancel", () => { this.down = null; });
    canvas.addEventListener("pointerleave", () => on.hover(null));
    canvas.addEventListener("wheel", (event) => this.#turn(event), { passive: false });
    for (const name of ["contextmenu", "auxclick", "dragstart"]) {
      canvas.addEventListener(name, (event) => event.preventDefault());
    }
  }

  pixel(event) {
    const box = this.canvas.getBoundingClientRect();
    const along = (at, start, length, pixels) =>
      Math.min(pixels - 1, Math.max(0, Math.floor(((at - start) / length) * pixels)));
    return {
      x: along(event.clientX, box.left, box.width, this.canvas.width),
      y: along(event.clientY, box.top, box.height, this.canvas.height),
    };
  }

  // Sends what has been gathered, now; returns whether there was anything.
  flush() {
    const { clicks, wheel } = this;
    this.clicks = this.wheel = null;
    if (clicks) {
      clearTimeout(clicks.timer);
      this.on.act(clicks.action);
    } else if (wheel) {
      clearTimeout(wheel.timer);
      const dx = notches(wheel.dx);
      const dy = notches(wheel.dy);
      if (dx || dy) this.on.act({ kind: "scroll", at: wheel.at, dx, dy });
    }
    return Boolean(clicks || wheel);
  }

  forget() {
    clearTimeout(this.clicks?.timer);
    clearTimeout(this.wheel?.timer);
    this.down = this.clicks = this.wheel = null;
  }

  #press(event) {
    this.canvas.focus({ preventScroll: true });
    event.preventDefault();
    if (!this.on.mayAct() || event.button > 2) return;
    this.canvas.setPointerCapture(event.pointerId);
    if (this.down && this.down.button !== event.button) return; // one button at a time
    this.down = {
      at: this.pixel(event),
      page: [event.clientX, event.clientY],
      button: event.button,
      holds: this.on.holds(event),
    };
  }

  #release(event) {
    const { down } = this;
    if (!down || down.button !== event.button) return;
    this.down = null;
    if (!this.on.mayAct()) return;
    const button = BUTTONS[down.button];
    const [x, y] = down.page;
    if (Math.hypot(event.clientX - x, event.clientY - y) > SLIP_PX) {
      this.flush();
      this.on.act({ kind: "drag", start: down.at, end: this.pixel(event), button });
      return;
    }
    this.#click(down, button);
  }

  #click(down, button) {
    const last = this.clicks;
    const belongs =
      last && last.action.button === button && last.action.count < 3 &&
      Math.hypot(last.page[0] - down.page[0], last.page[1] - down.page[1]) <= SLIP_PX;
    if (belongs) {
      last.action.count += 1;
      clearTimeout(last.timer);
      last.timer = setTimeout(() => this.flush(), COUNT_MS);
      return;
    }
    if (this.flush()) return; // one act at a time: what was gathered goes first, this one is lost
    const action = { kind: "click", at: down.at, button, count: 1, modifiers: down.holds };
    this.clicks = { action, page: down.page, timer: setTimeout(() => this.flush(), COUNT_MS) };
    this.on.begin(action);
  }

  #exactly(event) {
    const { last } = this;
    const isSame =
      last && Math.abs(last.clientX - event.clientX) < 1 && Math.abs(last.clientY - event.clientY) < 1;
    return isSame ? last : event;
  }

  #turn(event) {
    if (event.ctrlKey) return; // zooms this page
    event.preventDefault();
    if (!this.on.mayAct()) return;
    if (this.clicks) this.flush();
    this.wheel ??= { at: this.pixel(this.#exactly(event)), dx: 0, dy: 0 };
    this.wheel.dx += notchesOf(event.deltaX, event.deltaMode);
    this.wheel.dy += notchesOf(event.deltaY, event.deltaMode);
    clearTimeout(this.wheel.timer);
    this.wheel.timer = setTimeout(() => this.flush(), WHEEL_MS);
    this.on.begin({ kind: "scroll", dx: notches(this.wheel.dx), dy: notches(this.wheel.dy) });
  }
}

// Browsers say 100 or 120 pixels, 3 lines or a part of a page for one notch.
function notchesOf(delta, mode) {
  if (mode === WheelEvent.DOM_DELTA_LINE) return delta / 3;
  if (mode === WheelEvent.DOM_DELTA_PAGE) return delta * 5;
  return delta % 120 === 0 ? delta / 120 : delta / 100;
}

function notches(sum) {
  const whole = Math.round(sum) || (Math.abs(sum) >= 0.2 ? Math.sign(sum) : 0);
  return Math.min(50, Math.max(-50, whole));
}
