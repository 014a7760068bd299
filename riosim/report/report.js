"use strict";
const byId = (id) => document.getElementById(id);
const episodes = [...document.querySelectorAll(".episode")];
const controls = ["f-text", "f-outcome", "f-variant", "f-run"].map(byId);
const show = () => {
  const [text, outcome, variant, run] = controls.map((control) => control ? control.value.trim().toLowerCase() : "");
  let count = 0;
  for (const episode of episodes) {
    const fits = episode.dataset.text.includes(text)
      && (outcome === "" || episode.dataset.outcome === outcome)
      && (run === "" || episode.dataset.run === run)
      && (variant === "" || episode.dataset.variant === variant);
    episode.hidden = !fits;
    count += fits ? 1 : 0;
  }
  byId("f-count").textContent = count === 1 ? "1 episode" : `${count} episodes`;
};
document.querySelector(".filters").hidden = false;
for (const control of controls) control?.addEventListener("input", show);
