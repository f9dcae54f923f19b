// @ts-check
/** A mask, painted over a picture: where it is painted, the picture may change. */

import { make } from "./dom.js";

const PIECE = 1 << 20;
/** Buttons with a sign in place of their words. @type {Record<string, string>} */
const SIGNS = { zoom_in: "+", zoom_out: "−" };

/**
 * What is painted, and over which picture: it is there again when the painter is opened again. Spots are
 * circles and lines, so that undo needs no copies of the picture; what was undone is kept for redo.
 * @type {{picture: string, strokes: any[], undone: any[]}}
 */
const draft = { picture: "", strokes: [], undone: [] };

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
  /** What was undone before the stroke that is being painted. @type {any[]} */
  let former = [];
  /** Fingers and pens on the picture: one paints, two pan and zoom. @type {Map<number, {x: number, y: number}>} */
  const pointers = new Map();

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
    draft.strokes.forEach(paint);
  }

  /** @param {any} stroke */
  function add(stroke) {
    draft.undone = [];
    draft.strokes.push(stroke);
    paint(stroke);
    dress();
  }

  /** Move the last stroke from one list to the other. @param {any[]} from @param {any[]} to */
  function shift(from, to) {
    if (!from.length) return;
    to.push(from.pop());
    repaint();
    dress();
  }
  const undo = () => shift(draft.strokes, draft.undone);
  const redo = () => shift(draft.undone, draft.strokes);

  /** Whether anything is painted: strokes may have been erased again. */
  function painted() {
    if (!draft.strokes.some(({ kind, erasing: erases }) => erases || kind !== "line")) return draft.strokes.length > 0;
    const { data } = pen.getImageData(0, 0, width, height);
    for (let i = 3; i < data.length; i += 4) if (data[i]) return true;
    return false;
  }

  function fit() {
    const room = frame.clientWidth || 480;
    const fitted = Math.min(room / width, 520 / height, 1.5);
    const scale = fitted * zoom;
    frame.style.height = `${height * fitted}px`;
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
    const stroke = draft.strokes[draft.strokes.length - 1];
    paint({ ...stroke, points: [stroke.points[stroke.points.length - 1], point] });
    stroke.points.push(point);
  }

  /** Two fingers: drag the picture, and zoom by their distance. @param {PointerEvent} event */
  function pinch(event) {
    const before = pointers.get(event.pointerId);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (!before || !other) return;
    const now = { x: event.clientX, y: event.clientY };
    const far = (/** @type {{x: number, y: number}} */ from) => Math.hypot(from.x - other.x, from.y - other.y) || 1;
    enlarge((zoom * far(now)) / far(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
    frame.scrollLeft -= (now.x - before.x) / 2;
    frame.scrollTop -= (now.y - before.y) / 2;
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || pointers.size > 1) return;
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (pointers.size === 2) {
      // The first of two fingers was not meant to paint.
      if (last) {
        shift(draft.strokes, []);
        draft.undone = former;
        dress();
      }
      last = null;
      return;
    }
    last = cursor = where(event);
    former = draft.undone;
    add({ kind: "line", size, erasing, points: [last] });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (pointers.size > 1) pinch(event);
    else {
      cursor = where(event);
      if (last) touch((last = cursor));
      move();
    }
    if (pointers.has(event.pointerId)) pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  for (const kind of ["pointerup", "pointercancel"])
    canvas.addEventListener(kind, (/** @type {any} */ event) => {
      pointers.delete(event.pointerId);
      last = null;
      dress();
    });

  /** @param {number} to */
  function resize(to) {
    size = Math.max(4, Math.min(Math.max(width, height) / 2, Math.round(to)));
    slider.value = String(size);
    move();
  }

  /** Zoom about a point of the page: what is there stays there. @param {number} to @param {number} x @param {number} y */
  function enlarge(to, x, y) {
    const box = sheet.getBoundingClientRect();
    const [across, down] = [(x - box.left) / box.width, (y - box.top) / box.height];
    zoom = Math.max(1, Math.min(8, to));
    fit();
    const after = sheet.getBoundingClientRect();
    frame.scrollLeft += after.left + across * after.width - x;
    frame.scrollTop += after.top + down * after.height - y;
    dress();
  }

  /** Zoom about the brush, if it is in sight, else about the middle. @param {number} by */
  function zoomBy(by) {
    const seen = frame.getBoundingClientRect();
    const at = ring.getBoundingClientRect();
    const [x, y] = [at.left + at.width / 2, at.top + at.height / 2];
    const inside = x >= seen.left && x <= seen.right && y >= seen.top && y <= seen.bottom;
    if (inside) enlarge(zoom * by, x, y);
    else enlarge(zoom * by, seen.left + seen.width / 2, seen.top + seen.height / 2);
  }

  /** Scroll the frame until the brush is in sight. */
  function follow() {
    const seen = frame.getBoundingClientRect();
    const at = ring.getBoundingClientRect();
    frame.scrollLeft += Math.min(0, at.left - seen.left) + Math.max(0, at.right - seen.left - frame.clientWidth);
    frame.scrollTop += Math.min(0, at.top - seen.top) + Math.max(0, at.bottom - seen.top - frame.clientHeight);
  }

  /** @type {Record<string, () => void>} */
  const verbs = {
    brush: () => ((erasing = false), dress()),
    eraser: () => ((erasing = true), dress()),
    undo,
    redo,
    invert: () => add({ kind: "invert" }),
    clear: () => add({ kind: "clear" }),
    zoom_in: () => zoomBy(1.5),
    zoom_out: () => zoomBy(1 / 1.5),
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
    for (const verb of Object.keys(verbs)) buttons[verb].textContent = SIGNS[verb] ?? w[verb];
    for (const verb of Object.keys(SIGNS)) {
      buttons[verb].title = w[verb];
      buttons[verb].setAttribute("aria-label", w[verb]);
    }
    brush.setAttribute("aria-pressed", String(!erasing));
    eraser.setAttribute("aria-pressed", String(erasing));
    buttons.undo.disabled = !draft.strokes.length;
    buttons.redo.disabled = !draft.undone.length;
    // While a finger is down, something is being painted.
    buttons.clear.disabled = buttons.use_mask.disabled = !pointers.size && !painted();
    buttons.zoom_in.disabled = zoom >= 8;
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
    const command = event.ctrlKey || event.metaKey;
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
      z: event.shiftKey ? redo : undo,
      y: redo,
      i: verbs.invert,
      "+": verbs.zoom_in,
      "=": verbs.zoom_in,
      "-": verbs.zoom_out,
    };
    const name = event.key.toLowerCase();
    const does = keys[name] ?? keys[event.key];
    // Ctrl and ⌘ with other keys are the browser's: its zoom, for example.
    if (!does || (command && name !== "z" && name !== "y")) return;
    event.preventDefault();
    event.stopPropagation();
    does();
    move();
    if (event.key.startsWith("Arrow")) follow();
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
    if (draft.picture !== message.picture) Object.assign(draft, { picture: message.picture, strokes: [], undone: [] });
    zoom = 1;
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
