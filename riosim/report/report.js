"use strict";
const byId = (id) => document.getElementById(id);
const episodes = [...document.querySelectorAll(".episode")];
const controls = [byId("f-text"), byId("f-outcome"), byId("f-variant")];
const show = () => {
  const [text, outcome, variant] = controls.map((control) => control.value.trim().toLowerCase());
  let count = 0;
  for (const episode of episodes) {
    const fits = episode.dataset.text.includes(text)
      && (outcome === "" || episode.dataset.outcome === outcome)
      && (variant === "" || episode.dataset.variant === variant);
    episode.hidden = !fits;
    count += fits ? 1 : 0;
  }
  byId("f-count").textContent = count === 1 ? "1 episode" : `${count} episodes`;
};
document.querySelector(".filters").hidden = false;
for (const control of controls) control.addEventListener("input", show);
