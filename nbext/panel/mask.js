// @ts-check
/** A mask, painted over a picture: where it is painted, the picture may change. */

import { make } from "./dom.js";

const PIECE = 1 << 20;

/** @param {import("./types").Place} place */
function render({ model, el }) {
  const words = () => model.get("words");
  let turn = 0;
  el.classList.add("nbext-part", "nbext-painter");
  let width = 1;
  let height = 1;
  let size = 60;
  let zoom = 1;
  let erasing = false;
  let url = "";
  /** @type {{x: number, y: number} | null} */
  let last = null;
  let cursor = { x: 0, y: 0 };
  /** Painted spots: circles and lines, so that undo needs no copies of the picture. @type {any[]} */
  let strokes = [];

  const image = make("img", { alt: "" });
  const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { tabindex: 0, role: "img", "aria-label": words().painter }));
  const ring = make("i", { class: "nbext-ring" });
  const sheet = make("div", { class: "nbext-sheet" }, image, canvas, ring);
  const frame = make("div", { class: "nbext-frame" }, sheet);
  const bar = make("div", { class: "nbext-actions", role: "group" });
  const title = make("p", { class: "nbext-label" });
  const hint = make("p", { class: "nbext-caption" });
  el.append(title, bar, frame, hint);

  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

  /** @param {any} stroke */
  function paint(stroke) {
    pen.globalCompositeOperation = stroke.erasing ? "destination-out" : "source-over";
    pen.fillStyle = pen.strokeStyle = "#e0218a";
    if (stroke.kind === "invert") {
      pen.globalCompositeOperation = "xor";
      pen.fillRect(0, 0, width, height);
    } else if (stroke.kind === "clear") pen.clearRect(0, 0, width, height);
    else if (stroke.points.length === 1) {
      pen.beginPath();
      pen.arc(stroke.points[0].x, stroke.points[0].y, stroke.size / 2, 0, 2 * Math.PI);
      pen.fill();
    } else {
      pen.lineCap = pen.lineJoin = "round";
      pen.lineWidth = stroke.size;
      pen.beginPath();
      const [start, ...rest] = stroke.points;
      pen.moveTo(start.x, start.y);
      for (const point of rest) pen.lineTo(point.x, point.y);
      pen.stroke();
    }
  }

  function repaint() {
    pen.globalCompositeOperation = "source-over";
    pen.clearRect(0, 0, width, height);
    strokes.forEach(paint);
  }

  /** @param {any} stroke */
  function add(stroke) {
    strokes.push(stroke);
    paint(stroke);
    dress();
  }

  function undo() {
    strokes.pop();
    repaint();
    dress();
  }

  function fit() {
    const room = frame.clientWidth || 480;
    const scale = Math.min(room / width, 520 / height, 1.5) * zoom;
    sheet.style.width = `${width * scale}px`;
    sheet.style.height = `${height * scale}px`;
    move();
  }

  function move() {
    const scale = (sheet.clientWidth || width) / width;
    ring.style.width = ring.style.height = `${size * scale}px`;
    ring.style.transform = `translate(${(cursor.x - size / 2) * scale}px, ${(cursor.y - size / 2) * scale}px)`;
  }

  /** @param {MouseEvent} event */
  function where(event) {
    const box = canvas.getBoundingClientRect();
    return {
      x: Math.round(((event.clientX - box.left) / box.width) * width),
      y: Math.round(((event.clientY - box.top) / box.height) * height),
    };
  }

  /** @param {{x: number, y: number}} point */
  function touch(point) {
    const stroke = strokes[strokes.length - 1];
    paint({ ...stroke, points: [stroke.points[stroke.points.length - 1], point] });
    stroke.points.push(point);
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    last = cursor = where(event);
    add({ kind: "line", size, erasing, points: [last] });
  });
  canvas.addEventListener("pointermove", (event) => {
    cursor = where(event);
    if (last) touch((last = cursor));
    move();
  });
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => (last = null));

  /** @param {number} to */
  function resize(to) {
    size = Math.max(4, Math.min(Math.max(width, height) / 2, Math.round(to)));
    slider.value = String(size);
    move();
  }

  /** @param {number} to */
  function enlarge(to) {
    zoom = Math.max(1, Math.min(8, to));
    fit();
    dress();
  }

  /** @type {Record<string, () => void>} */
  const verbs = {
    brush: () => ((erasing = false), dress()),
    eraser: () => ((erasing = true), dress()),
    undo,
    invert: () => add({ kind: "invert" }),
    clear: () => add({ kind: "clear" }),
    zoom_in: () => enlarge(zoom * 1.5),
    zoom_out: () => enlarge(zoom / 1.5),
    use_mask: use,
    close: () => model.send({ do: "close" }),
  };
  /** @type {Record<string, any>} */
  const buttons = {};
  for (const verb of Object.keys(verbs))
    buttons[verb] = make("button", { type: "button", class: verb === "use_mask" ? "nbext-primary" : "nbext-act", "data-act": verb, onclick: verbs[verb] });
  const slider = make("input", { type: "range", min: 4, max: 300, value: size });
  slider.addEventListener("input", () => resize(Number(slider.value)));
  const { brush, eraser, ...others } = buttons;
  bar.append(brush, eraser, slider, ...Object.values(others));

  function dress() {
    const w = words();
    for (const verb of Object.keys(verbs)) buttons[verb].textContent = w[verb];
    brush.setAttribute("aria-pressed", String(!erasing));
    eraser.setAttribute("aria-pressed", String(erasing));
    buttons.undo.disabled = !strokes.length;
    buttons.use_mask.disabled = !strokes.length;
    buttons.zoom_out.disabled = zoom <= 1;
    slider.setAttribute("aria-label", w.brush_size);
    title.textContent = w.painter;
    hint.textContent = w.painter_keys;
    canvas.setAttribute("aria-label", `${w.painter}. ${w.painter_keys}`);
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      verbs.close();
      return;
    }
    if (event.target !== canvas || event.altKey) return;
    const step = event.shiftKey ? size : Math.max(2, size / 4);
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => (cursor = { ...cursor, x: Math.max(0, cursor.x - step) }),
      ArrowRight: () => (cursor = { ...cursor, x: Math.min(width, cursor.x + step) }),
      ArrowUp: () => (cursor = { ...cursor, y: Math.max(0, cursor.y - step) }),
      ArrowDown: () => (cursor = { ...cursor, y: Math.min(height, cursor.y + step) }),
      " ": () => add({ kind: "line", size, erasing, points: [cursor] }),
      "[": () => resize(size / 1.25),
      "]": () => resize(size * 1.25),
      e: () => ((erasing = !erasing), dress()),
      z: undo,
      i: verbs.invert,
      "+": verbs.zoom_in,
      "=": verbs.zoom_in,
      "-": verbs.zoom_out,
    };
    const does = keys[event.key];
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
    move();
  }
  el.addEventListener("keydown", key);

  /** Send the mask: the picture's own size, opaque, transparent where it was painted. */
  async function use() {
    const whole = document.createElement("canvas");
    whole.width = width;
    whole.height = height;
    const ink = /** @type {CanvasRenderingContext2D} */ (whole.getContext("2d"));
    ink.fillRect(0, 0, width, height);
    ink.globalCompositeOperation = "destination-out";
    ink.drawImage(canvas, 0, 0);
    /** @type {Blob} */
    const file = await new Promise((done) => whole.toBlob((blob) => done(/** @type {Blob} */ (blob)), "image/png"));
    const id = `${Date.now()}-${Math.random()}`;
    for (let at = 0; at < file.size; at += PIECE) {
      const piece = await file.slice(at, at + PIECE).arrayBuffer();
      model.send({ do: "piece", id, name: "mask.png", at, total: file.size }, undefined, [piece]);
    }
  }

  /** @param {any} message @param {any[]} buffers */
  function heard(message, buffers) {
    if (message.do !== "paint" || message.turn === turn) return;
    turn = message.turn;
    URL.revokeObjectURL(url);
    url = URL.createObjectURL(new Blob([buffers[0]]));
    image.src = url;
    strokes = [];
    ({ width, height } = message);
    canvas.width = width;
    canvas.height = height;
    cursor = { x: width / 2, y: height / 2 };
    slider.max = String(Math.round(Math.max(width, height) / 2));
    resize(Math.max(width, height) / 12);
    repaint();
    fit();
    dress();
    canvas.focus({ preventScroll: true });
  }

  const watching = new ResizeObserver(fit);
  watching.observe(frame);
  model.on("msg:custom", heard);
  dress();
  model.send({ do: "hello" });
  return () => {
    watching.disconnect();
    model.off("msg:custom", heard);
    URL.revokeObjectURL(url);
  };
}

export default { render };
