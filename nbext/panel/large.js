// @ts-check
/** The picture alone, as large as the window: fitted, at its own size, or closer. */

import { make } from "./dom.js";

const STEP = 1.25;
const PAN = 60;

/**
 * @param {import("./types").Model} model
 * @param {() => void} left What to do when it is closed.
 */
export function largeView(model, left) {
  const words = () => model.get("words");
  const image = make("img", { draggable: "false" });
  const room = make("div", { class: "nbext-room" }, image);
  const percent = make("span", { class: "nbext-percent", role: "status" });
  const prompt = make("p", { class: "nbext-large-prompt" });
  const caption = make("p", { class: "nbext-caption" });
  const tools = make("div", { class: "nbext-large-tools", role: "toolbar" });
  const dialog = make("dialog", { class: "nbext-large" }, room, make("footer", {}, make("div", { class: "nbext-large-text" }, prompt, caption), tools));
  /** @type {any} */
  let drawing = null;
  let url = "";
  let scale = 1;
  let fitted = true;
  const at = { x: 0, y: 0 };

  const size = () => ({ width: drawing?.width || image.naturalWidth || 1, height: drawing?.height || image.naturalHeight || 1 });
  const fitting = () => Math.min(room.clientWidth / size().width, room.clientHeight / size().height) || 1;

  /** Put the picture where it is, never with an edge inside the room that has something beyond it. */
  function place() {
    for (const [axis, side, length] of /** @type {["x" | "y", "width" | "height", number][]} */ ([["x", "width", room.clientWidth], ["y", "height", room.clientHeight]])) {
      const spare = length - size()[side] * scale;
      at[axis] = spare >= 0 ? spare / 2 : Math.min(0, Math.max(spare, at[axis]));
    }
    image.style.width = `${size().width}px`;
    image.style.height = `${size().height}px`;
    image.style.transform = `translate(${at.x}px, ${at.y}px) scale(${scale})`;
    room.classList.toggle("nbext-pan", size().width * scale > room.clientWidth + 1 || size().height * scale > room.clientHeight + 1);
    percent.textContent = `${Math.round(scale * 100)} %`;
  }

  function fit() {
    fitted = true;
    scale = fitting();
    place();
  }

  /** @param {number} to @param {{x: number, y: number}} [point] What stays where it is. */
  function zoom(to, point = { x: room.clientWidth / 2, y: room.clientHeight / 2 }) {
    const next = Math.min(16, Math.max(Math.min(fitting(), 1) / 2, to));
    for (const axis of /** @type {("x" | "y")[]} */ (["x", "y"])) at[axis] = point[axis] - ((point[axis] - at[axis]) * next) / scale;
    fitted = false;
    scale = next;
    place();
  }

  /** @param {number} by */
  const step = (by) => model.send({ do: "step", id: drawing?.id, index: drawing?.index, by });

  /** @param {MouseEvent} event */
  const pointOf = (event) => {
    const box = room.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  /** @type {Record<string, () => void>} */
  const KEYS = {
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    "+": () => zoom(scale * STEP),
    "=": () => zoom(scale * STEP),
    "-": () => zoom(scale / STEP),
    0: fit,
    1: () => zoom(1),
  };
  /** @type {Record<string, [number, number]>} */
  const PANS = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };

  /** @param {KeyboardEvent} event */
  function key(event) {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const pan = event.shiftKey || event.key === "ArrowUp" || event.key === "ArrowDown" ? PANS[event.key] : undefined;
    if (pan) {
      [at.x, at.y] = [at.x + pan[0], at.y + pan[1]];
      place();
    } else if (event.key in KEYS) KEYS[event.key]();
    else return;
    event.preventDefault();
  }

  /** @param {WheelEvent} event */
  function wheel(event) {
    event.preventDefault();
    zoom(scale * (event.deltaY < 0 ? STEP : 1 / STEP), pointOf(event));
  }

  /** @param {PointerEvent} event */
  function drag(event) {
    if (event.type === "pointerdown") {
      room.setPointerCapture(event.pointerId);
      event.preventDefault();
    } else if (room.hasPointerCapture(event.pointerId)) {
      [at.x, at.y] = [at.x + event.movementX, at.y + event.movementY];
      place();
    }
  }

  function name() {
    const w = words();
    /** @param {string} sign @param {string} label @param {() => void} press */
    const button = (sign, label, press) => make("button", { type: "button", "aria-label": label, title: label, onclick: press }, sign);
    tools.setAttribute("aria-label", w.large);
    tools.replaceChildren(
      button("←", w.previous, () => step(-1)),
      button("→", w.next, () => step(1)),
      button("−", w.zoom_out, () => zoom(scale / STEP)),
      percent,
      button("+", w.zoom_in, () => zoom(scale * STEP)),
      button(w.fit, w.fit, fit),
      button("100 %", w.whole, () => zoom(1)),
      make("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, w.close),
    );
  }

  /** @param {any} shown @param {string} small */
  function show(shown, small) {
    drawing = shown;
    image.src = small;
    image.alt = prompt.textContent = drawing.prompt;
    caption.textContent = drawing.caption;
    dialog.setAttribute("aria-label", drawing.caption);
    // A picture that is looked at closely is not shown at its edge when the next one comes.
    fit();
    model.send({ do: "whole", id: drawing.id, index: drawing.index });
  }

  room.addEventListener("wheel", wheel, { passive: false });
  for (const kind of ["pointerdown", "pointermove"]) room.addEventListener(kind, drag);
  room.addEventListener("dblclick", (/** @type {MouseEvent} */ event) => (fitted ? zoom(1, pointOf(event)) : fit()));
  dialog.addEventListener("keydown", key);
  dialog.addEventListener("close", left);
  const watching = new ResizeObserver(() => {
    if (dialog.open && drawing) fitted ? fit() : place();
  });
  watching.observe(room);
  name();

  return {
    dialog,
    name,
    /** @param {any} shown @param {string} small */
    open(shown, small) {
      if (!dialog.open) dialog.showModal();
      show(shown, small);
    },
    /** The drawing that is shown has changed. @param {any} shown @param {string} small */
    follow(shown, small) {
      if (!dialog.open) return;
      if (!shown?.pictures.length) dialog.close();
      else if (shown.id !== drawing.id || shown.index !== drawing.index) show(shown, small);
      else caption.textContent = shown.caption;
    },
    /** The picture itself has come. @param {any} message @param {any[]} buffers */
    whole(message, buffers) {
      if (!dialog.open || message.id !== drawing?.id || message.index !== drawing.index) return;
      URL.revokeObjectURL(url);
      url = URL.createObjectURL(new Blob([buffers[0]], { type: message.type }));
      const next = new Image();
      next.onload = () => {
        if (message.id === drawing.id && message.index === drawing.index) image.src = next.src;
      };
      next.src = url;
    },
    stop() {
      watching.disconnect();
      URL.revokeObjectURL(url);
    },
  };
}
