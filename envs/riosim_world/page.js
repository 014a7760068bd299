// First-party script of every page: tells the server what was shown, filled, clicked and submitted.
(() => {
  "use strict";
  const script = document.currentScript;
  const page = script && script.dataset.page;
  if (!page) return;
  const MOST = 20000, SHORT = 200, PAUSE_MS = 100;
  const INPUTS = {
    checkbox: "checkbox", radio: "radio", button: "button", submit: "button", reset: "button",
    image: "button", range: "slider", number: "spinbutton", file: "button",
  };
  const TAGS = {
    A: "link", BUTTON: "button", TEXTAREA: "textbox", SELECT: "combobox", OPTION: "option",
    SUMMARY: "button", IMG: "image", LABEL: "label",
  };
  let facts = [];

  const cut = (text, most) => String(text == null ? "" : text).replace(/\s+/g, " ").trim().slice(0, most);

  function flush() {
    if (!facts.length) return;
    const body = JSON.stringify({ page, facts });
    facts = [];
    const address = "/.well-known/page";
    if (navigator.sendBeacon && navigator.sendBeacon(address, body)) return;
    fetch(address, { method: "POST", body, keepalive: body.length < 60000 }).catch(() => {});
  }

  function tell(kind, fact) {
    facts.push({ kind, url: location.href, ...fact });
    flush();
  }

  function role(element) {
    const given = element.getAttribute("role");
    if (given) return given.split(" ")[0];
    if (element.isContentEditable) return "textbox";
    if (element.tagName === "INPUT") return INPUTS[element.type] || "textbox";
    return TAGS[element.tagName] || "group";
  }

  function name(element) {
    const by = element.getAttribute("aria-labelledby");
    if (by) {
      const words = by.split(" ").map((id) => document.getElementById(id)).filter(Boolean);
      if (words.length) return cut(words.map((word) => word.textContent).join(" "), SHORT);
    }
    const label = element.getAttribute("aria-label");
    if (label) return cut(label, SHORT);
    if (element.labels && element.labels.length) return cut(element.labels[0].textContent, SHORT);
    const button = element.tagName === "INPUT" && INPUTS[element.type] === "button";
    const text = button ? element.value || element.alt : element.innerText;
    if (cut(text, SHORT) && element.tagName !== "SELECT") return cut(text, SHORT);
    const image = element.querySelector && element.querySelector("img[alt]");
    return cut((image && image.alt) || element.alt || element.placeholder || element.title, SHORT);
  }

  function field(element) {
    return cut(element.name || element.id || name(element), SHORT);
  }

  function value(element) {
    if (element.type === "checkbox" || element.type === "radio") return element.checked ? element.value : "";
    if (element.type === "file") return [...element.files].map((file) => file.name).join(", ");
    return element.isContentEditable ? element.innerText : element.value || "";
  }

  // --- shown, hidden, painted

  let front = null;
  function visible() {
    const now = document.visibilityState === "visible";
    if (now === front) return;
    front = now;
    tell(now ? "shown" : "hidden", { title: cut(document.title, SHORT), top: self === top });
  }
  function painted() {
    requestAnimationFrame(() => requestAnimationFrame(() => tell("painted", {})));
  }
  document.addEventListener("visibilitychange", visible);
  addEventListener("pageshow", (event) => {
    visible();
    if (event.persisted || front) painted();
  });
  addEventListener("pagehide", () => {
    fills.forEach(filled);
    if (front) {
      front = false;
      tell("hidden", { title: cut(document.title, SHORT), top: self === top });
    }
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", visible);
  else visible();

  // --- filled

  const fills = new Map(); // element → timer
  const said = new WeakMap(); // element → value that was told
  function filled(timer, element) {
    clearTimeout(timer);
    fills.delete(element);
    const now = value(element);
    if (said.get(element) === now) return;
    said.set(element, now);
    tell("filled", {
      field: field(element), role: role(element), type: element.type || "", label: name(element),
      form: element.form ? element.form.getAttribute("id") || element.form.getAttribute("name") || "" : "",
      length: now.length, value: now.slice(0, MOST),
    });
  }
  function typed(event) {
    const element = event.composedPath()[0];
    if (!element || !element.getAttribute || element.type === "hidden") return;
    if (event.type === "change") return filled(fills.get(element), element);
    if (!fills.has(element)) {
      fills.set(element, setTimeout(() => filled(fills.get(element), element), PAUSE_MS));
    }
  }
  addEventListener("input", typed, true);
  addEventListener("change", typed, true);
  addEventListener("blur", (event) => {
    if (fills.has(event.target)) filled(fills.get(event.target), event.target);
  }, true);

  // --- focused, clicked, submitted

  addEventListener("focus", (event) => {
    const element = event.target;
    if (!element || !element.matches || !element.matches("input,textarea,select,[contenteditable]")) return;
    tell("focused", { field: field(element), role: role(element) });
  }, true);

  const CONTROLS = "a[href],button,input,select,textarea,summary,option,[role],[onclick],[contenteditable],label";
  function clicked(event) {
    if (event.type === "auxclick" && event.button !== 1) return;
    let element = event.composedPath()[0];
    if (!element || !element.closest) return;
    element = element.closest(CONTROLS) || element;
    const control = element.matches(CONTROLS);
    fills.forEach(filled);
    tell("clicked", {
      role: role(element), name: control ? name(element) : "", control,
      href: element.href && element.href.baseVal === undefined ? element.href.slice(0, 2000) : "",
      trusted: event.isTrusted, button: event.button, by: event.pointerType || "keyboard",
    });
  }
  addEventListener("click", clicked, true);
  addEventListener("auxclick", clicked, true);

  addEventListener("submit", (event) => {
    const form = event.target;
    fills.forEach(filled);
    const names = [...form.elements].map(field).filter((text, at, all) => text && all.indexOf(text) === at);
    tell("submitted", {
      form: cut(form.getAttribute("id") || form.getAttribute("name") || form.getAttribute("action"), SHORT),
      fields: names.slice(0, 100), trusted: event.isTrusted,
    });
  }, true);
})();
