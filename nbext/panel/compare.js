// @ts-check
/** Two pictures, one over the other, with a divider. */

import { make } from "./dom.js";

/** @param {import("./types").Place} place */
function render({ model, el }) {
  const words = () => model.get("words");
  let turn = 0;
  el.classList.add("nbext-part", "nbext-compare");
  /** @type {string[]} */
  let urls = [];
  const images = [make("img", { alt: words().left }), make("img", { alt: words().right })];
  const line = make("i");
  const slider = make("input", { "aria-label": words().divider, type: "range", min: 0, max: 100, step: 0.5, value: 50 });
  const pair = make("div", { class: "nbext-pair" }, images[0], images[1], line, slider);
  const selects = [make("select", { "aria-label": words().left }), make("select", { "aria-label": words().right })];
  const close = make("button", { type: "button", onclick: () => model.send({ do: "close" }) }, words().close);
  el.append(make("div", { class: "nbext-head" }, selects[0], selects[1], close), pair);

  function slide() {
    pair.style.setProperty("--at", `${slider.value}%`);
  }

  /** @param {any} message @param {any[]} buffers */
  function heard(message, buffers) {
    if (message.do !== "pair" || message.turn === turn) return;
    turn = message.turn;
    const w = words();
    urls.forEach((url) => URL.revokeObjectURL(url));
    urls = buffers.map((buffer) => URL.createObjectURL(new Blob([buffer])));
    images.forEach((image, i) => {
      image.src = urls[i] ?? "";
      image.alt = `${i ? w.right : w.left}: ${message.names[i]}`;
    });
    selects.forEach((select, i) => {
      select.setAttribute("aria-label", i ? w.right : w.left);
      select.replaceChildren(
        ...message.choices.map((/** @type {any} */ one) => make("option", { value: one.id, selected: one.id === message.ids[i] }, one.name)),
      );
    });
    slider.setAttribute("aria-label", w.divider);
    close.textContent = w.close;
    if (message.fresh) slider.focus({ preventScroll: true });
  }

  for (const select of selects)
    select.addEventListener("change", () => model.send({ do: "pair", ids: selects.map((one) => one.value) }));
  slider.addEventListener("input", slide);
  /** @param {KeyboardEvent} event */
  const key = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    model.send({ do: "close" });
  };
  el.addEventListener("keydown", key);
  model.on("msg:custom", heard);
  slide();
  model.send({ do: "hello" });
  return () => {
    model.off("msg:custom", heard);
    urls.forEach((url) => URL.revokeObjectURL(url));
  };
}

export default { render };
