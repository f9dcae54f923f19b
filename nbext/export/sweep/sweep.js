// @ts-check
// A sweep as a table: which axis is rows and which is columns, which values are shown, two compared.

const TAKE = "take";
const cells = the("cells");
const table = the("table");
const none = the("none");
const rows = /** @type {HTMLSelectElement} */ (the("rows"));
const columns = /** @type {HTMLSelectElement} */ (the("columns"));
const size = /** @type {HTMLInputElement} */ (the("size"));
const theme = the("theme");
const filters = /** @type {HTMLSelectElement[]} */ (all(document, ".filter"));
const takes = Number(main.dataset.takes);

/** @typedef {{ card: HTMLElement, values: Record<string, string> }} Cell */
/** @type {Cell[]} */
const every = all(cells, ".cell").map((card) => {
  const values = JSON.parse(card.dataset.place || "{}");
  if (takes > 1) values[TAKE] = values[TAKE] || filled("take_small", { number: Number(card.dataset.take || 0) + 1 });
  return { card, values };
});

/** The values of each axis, in the order of the sweep. @type {Map<string, string[]>} */
const axes = new Map();
for (const { values } of every) for (const [name, value] of Object.entries(values)) {
  const known = axes.get(name) || [];
  if (!known.includes(value)) axes.set(name, [...known, value]);
}
const varying = [...axes].filter(([, values]) => values.length > 1).map(([name]) => name);

/** As nbext chooses them for a cell: models beside each other where there is another axis. */
const chooseAxes = () => {
  const rest = varying.filter((name) => name !== TAKE);
  let across = "";
  if (rest.length > 1 && rest.includes("model")) across = rest.splice(rest.indexOf("model"), 1)[0];
  const down = rest.shift() || "";
  across = across || rest.shift() || (varying.includes(TAKE) ? TAKE : "");
  for (const [select, value] of /** @type {[HTMLSelectElement, string][]} */ ([[rows, down], [columns, across]])) {
    select.replaceChildren(new Option(words.no_axis, ""), ...varying.map((name) => new Option(name, name)));
    select.value = value;
  }
};

/** @param {Cell} cell */
const isShown = ({ values }) => filters.every((filter) => !filter.value || values[filter.dataset.axis || ""] === filter.value);

/** Lay the cells out anew. */
const draw = () => {
  const shown = every.filter(isShown);
  const heads = (/** @type {string} */ axis) => (axis ? (axes.get(axis) || []).filter((value) => shown.some((cell) => cell.values[axis] === value)) : [""]);
  const [down, across] = [heads(rows.value), heads(columns.value)];
  const whole = /** @type {HTMLTableElement} */ (make("table"));
  if (columns.value || rows.value) {
    const line = whole.createTHead().insertRow();
    const corner = make("th", "", rows.value);
    line.append(corner, ...across.map((value) => Object.assign(make("th", "", value), { scope: "col" })));
  }
  const body = whole.createTBody();
  const rest = varying.filter((name) => name !== rows.value && name !== columns.value);
  for (const row of down) {
    const line = body.insertRow();
    line.append(Object.assign(make("th", "", row), { scope: "row" }));
    for (const column of across) {
      const stack = make("div", "stack");
      for (const cell of shown) {
        if ((rows.value && cell.values[rows.value] !== row) || (columns.value && cell.values[columns.value] !== column)) continue;
        /** @type {HTMLElement} */ (one(cell.card, ".values")).textContent = rest.map((name) => cell.values[name]).join(" \u00b7 ");
        stack.append(cell.card);
      }
      line.insertCell().append(stack);
    }
  }
  table.replaceChildren(whole);
  none.hidden = shown.length > 0;
  table.hidden = !shown.length;
  the("count").textContent = shown.length === every.length ? count : filled("some_of", { shown: shown.length, count });
};
const count = the("count").textContent || "";

/** What a cell is, in words. @param {HTMLElement} card */
const nameOf = (card) => {
  const cell = every.find((one) => one.card === card);
  const words = varying.map((name) => cell?.values[name]).filter(Boolean);
  return `${textOf(card, ".number")} ${words.join(" \u00b7 ")}`;
};

// Two pictures over each other

const compare = the("compare");
const pair = /** @type {HTMLDialogElement} */ (the("pair"));
const slide = /** @type {HTMLInputElement} */ (the("slide"));
const frame = /** @type {HTMLElement} */ (one(pair, ".frame"));
/** @type {HTMLElement[]} */
let chosen = [];
const choosing = () => compare.getAttribute("aria-pressed") === "true";
const sourceOf = (/** @type {HTMLElement} */ card) =>
  /** @type {HTMLElement} */ (one(card, ".picture")).dataset.source || /** @type {HTMLImageElement} */ (one(card, "img")).src;

/** @param {boolean} on */
const choose = (on) => {
  compare.setAttribute("aria-pressed", String(on));
  compare.textContent = on ? words.choose_two : words.compare;
  document.body.classList.toggle("choosing", on);
  for (const card of chosen) card.classList.remove("chosen");
  chosen = [];
};
const clip = () => {
  the("pair-clip").style.clipPath = `inset(0 ${100 - Number(slide.value)}% 0 0)`;
  frame.style.setProperty("--at", `${slide.value}%`);
};
const fit = () => {
  const ratios = /** @type {HTMLImageElement[]} */ (all(frame, "img")).map((image) => image.naturalWidth / image.naturalHeight || 0);
  frame.style.setProperty("--wide", String(Math.max(...ratios) || 1));
};
/** @param {HTMLElement[]} two */
const showPair = (two) => {
  two.forEach((card, at) => {
    const side = "ab"[at];
    const image = /** @type {HTMLImageElement} */ (the(`pair-${side}`));
    image.onload = fit;
    image.src = sourceOf(card);
    image.alt = nameOf(card);
    the(`pair-${side}-line`).replaceChildren(make("b", "", side.toUpperCase()), nameOf(card));
  });
  slide.value = "50";
  clip();
  pair.showModal();
  slide.focus();
};
/** @param {PointerEvent} event */
const drag = (event) => {
  if (event.type === "pointermove" && !frame.hasPointerCapture(event.pointerId)) return;
  if (event.type === "pointerdown") { event.preventDefault(); frame.setPointerCapture(event.pointerId); slide.focus(); }
  const box = frame.getBoundingClientRect();
  slide.value = String(Math.round((100 * (event.clientX - box.left)) / box.width));
  clip();
};

// One picture whole

const whole = /** @type {HTMLDialogElement} */ (the("whole"));
/** @type {HTMLElement | null} */
let large = null;
/** @param {HTMLElement} card */
const show = (card) => {
  large = card;
  const image = /** @type {HTMLImageElement} */ (the("whole-picture"));
  image.src = sourceOf(card);
  the("whole-line").textContent = nameOf(card);
  the("whole-prompt").textContent = image.alt = textOf(card, ".prompt");
  if (!whole.open) whole.showModal();
};
/** @param {number} by */
const step = (by) => {
  const order = all(table, ".cell").filter((card) => one(card, ".picture"));
  const next = large && order[order.indexOf(large) + by];
  if (next) show(next);
};

main.addEventListener("click", (event) => {
  const stop = around(event.target, ".picture");
  const card = stop && cardOf(stop);
  if (!card) return;
  if (!choosing()) return show(card);
  if (chosen[0] === card) return choose(true);
  card.classList.add("chosen");
  chosen.push(card);
  if (chosen.length === 2) showPair(chosen);
});
for (const select of [rows, columns]) select.addEventListener("change", () => {
  const other = select === rows ? columns : rows;
  if (select.value && select.value === other.value) other.value = "";
  draw();
});
the("swap").addEventListener("click", () => { [rows.value, columns.value] = [columns.value, rows.value]; draw(); });
for (const filter of filters) filter.addEventListener("change", draw);
the("reset").addEventListener("click", () => { for (const filter of filters) filter.value = ""; draw(); });
const resize = () => main.style.setProperty("--cell", `${size.value}rem`);
size.addEventListener("input", resize);
compare.addEventListener("click", () => choose(!choosing()));
slide.addEventListener("input", clip);
frame.addEventListener("pointerdown", drag);
frame.addEventListener("pointermove", drag);
pair.addEventListener("keydown", (event) => {
  const end = { a: "100", b: "0" }[event.key.toLowerCase()];
  if (end && isPlain(event)) { slide.value = end; clip(); }
});
pair.addEventListener("close", () => choose(false));
the("pair-close").addEventListener("click", () => pair.close());
whole.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") step(-1);
  if (event.key === "ArrowRight") step(1);
});
the("whole-close").addEventListener("click", () => whole.close());
the("whole-picture").addEventListener("click", () => whole.close());
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && choosing() && !pair.open) choose(false); });
const isDark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
theme.textContent = "\u25d0";
theme.title = words.theme;
theme.setAttribute("aria-label", words.theme);
theme.addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; });

the("tools").addEventListener("submit", (event) => event.preventDefault());
theme.hidden = false;
the("tools").hidden = every.length < 2;
compare.hidden = all(cells, ".picture").length < 2;
cells.hidden = true;
chooseAxes();
draw();
// As wide as a picture may be where there is room, so that few columns fill the page.
const beside = all(table, "tbody tr").map((row) => all(row, ".stack").reduce((sum, stack) => sum + Math.min(4, stack.children.length) || 1, 0));
const wide = Math.max(1, ...beside);
size.value = String(Math.min(20, Math.max(8, Math.floor((main.clientWidth / 16 - 13) / wide - 1.1))));
resize();
