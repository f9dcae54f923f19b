// @ts-check
/** Aspect ratios as shapes to choose from. */

import { focused } from "./dom.js";

/** @param {import("./types").Place} place */
function render({ model, el }) {
  el.classList.add("nbext-part", "nbext-shapes");
  const name = `nbext-${Math.random().toString(36).slice(2)}`;

  function draw() {
    const words = model.get("words");
    const group = document.createElement("fieldset");
    const legend = document.createElement("legend");
    legend.className = "nbext-label";
    legend.textContent = words.aspect;
    group.append(legend);
    for (const ratio of ["", ...model.get("ratios")]) {
      const label = document.createElement("label");
      const radio = document.createElement("input");
      radio.type = "radio";
      radio.name = name;
      radio.value = ratio;
      radio.checked = ratio === model.get("value");
      radio.addEventListener("change", () => {
        model.set("value", ratio);
        model.save_changes();
      });
      const shape = document.createElement("i");
      const [w, h] = (ratio || "1:1").split(":").map(Number);
      const most = Math.max(w, h);
      shape.style.width = `${Math.round((18 * w) / most)}px`;
      shape.style.height = `${Math.round((18 * h) / most)}px`;
      shape.className = ratio ? "" : "nbext-auto";
      const box = document.createElement("span");
      box.className = "nbext-shape";
      box.append(shape);
      label.append(radio, box, ratio || words.auto);
      group.append(label);
    }
    const within = el.contains(focused(el));
    el.replaceChildren(group);
    const chosen = el.querySelector("input:checked");
    if (within && chosen instanceof HTMLElement) chosen.focus();
  }

  function check() {
    for (const radio of el.querySelectorAll("input")) radio.checked = radio.value === model.get("value");
  }

  draw();
  model.on("change:words", draw);
  model.on("change:value", check);
  return () => {
    model.off("change:words", draw);
    model.off("change:value", check);
  };
}

export default { render };
