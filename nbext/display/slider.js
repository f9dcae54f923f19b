// @ts-check
/** Two pictures, one over the other, with a divider that the arrow keys move. */

/** @param {string} tag @param {Record<string, any>} [attributes] @param {(Node | string)[]} children */
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
};

/** @param {{ model: any, el: HTMLElement }} place */
function render({ model, el }) {
  const words = model.get("words");
  el.classList.add("nbext-slider");
  /** @type {string[]} */
  let urls = [];
  const images = [words.left, words.right].map((word) => /** @type {HTMLImageElement} */ (make("img", { alt: word, draggable: false })));
  const range = /** @type {HTMLInputElement} */ (make("input", { type: "range", min: 0, max: 100, step: 1, value: 50, "aria-label": words.divider }));
  const reasons = images.map(() => make("p", { hidden: "" }));
  const frame = make("div", { class: "frame" }, ...images, ...reasons, make("i"), range);
  const selects = [words.left, words.right].map((word) => /** @type {HTMLSelectElement} */ (make("select", { "aria-label": word })));
  el.append(make("div", { class: "sides" }, ...selects), frame);
  // Until the pictures are there, the frame has their shape: nothing moves when they come.
  frame.style.aspectRatio = model.get("shape").join(" / ");

  const fill = () => {
    selects.forEach((select, side) => {
      select.replaceChildren();
      model.get("choices").forEach((/** @type {any} */ one) => select.append(new Option(one.name, one.id, false, one.id === model.get("pair")[side])));
    });
    el.classList.toggle("coming", !model.get("ready"));
    range.disabled = !model.get("ready");
    if (model.get("ready")) ask();
  };
  const slide = () => frame.style.setProperty("--at", `${range.value}%`);
  const ask = () => model.send({ ids: selects.map((select) => select.value) });
  /** @param {any} message @param {DataView[]} buffers */
  const take = (message, buffers) => {
    if (message.ids.join() !== selects.map((select) => select.value).join()) return;
    urls.forEach((url) => URL.revokeObjectURL(url));
    urls = buffers.map((buffer) => URL.createObjectURL(new Blob([/** @type {any} */ (buffer)])));
    images.forEach((image, side) => {
      const reason = message.reasons[side];
      reasons[side].textContent = reason;
      reasons[side].hidden = !reason;
      if (reason) image.removeAttribute("src");
      else image.src = urls[side];
      image.onload = () => (frame.style.aspectRatio = "");
      image.alt = selects[side].selectedOptions[0]?.text || "";
    });
  };
  range.addEventListener("input", slide);
  selects.forEach((select) => select.addEventListener("change", ask));
  model.on("msg:custom", take);
  model.on("change:ready", fill);
  slide();
  fill();
  return () => {
    model.off("msg:custom", take);
    model.off("change:ready", fill);
    urls.forEach((url) => URL.revokeObjectURL(url));
  };
}

export default { render };
