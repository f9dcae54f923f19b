// @ts-check
// Two pictures over each other with a slider between them, and what differs in how they were made.

const compare = the("compare");
const pair = /** @type {HTMLDialogElement} */ (the("pair"));
const slide = /** @type {HTMLInputElement} */ (the("slide"));
const frame = /** @type {HTMLElement} */ (one(pair, ".frame"));
/** @type {HTMLElement[]} */
let chosen = [];
const choosing = () => compare.getAttribute("aria-pressed") === "true";

/** Begin to choose two, or end it. @param {boolean} on */
const choose = (on) => {
  compare.setAttribute("aria-pressed", String(on));
  compare.textContent = on ? words.choose_two : words.compare;
  document.body.classList.toggle("choosing", on);
  for (const stop of chosen) mark(stop, false);
  chosen = [];
};

/** @param {HTMLElement} stop @param {boolean} on */
const mark = (stop, on) => {
  for (const part of [stop, cardOf(stop)]) part.classList.toggle("chosen", on);
};

/** Take a picture for the comparison, or put it back. @param {HTMLElement} stop */
const take = (stop) => {
  if (chosen[0] === stop) return choose(true);
  chosen.push(stop);
  mark(stop, true);
  if (chosen.length === 2) showPair(chosen[0], chosen[1]);
};

/** Show as much of the left picture as the slider says. */
const clip = () => {
  the("pair-clip").style.clipPath = `inset(0 ${100 - Number(slide.value)}% 0 0)`;
  frame.style.setProperty("--at", `${slide.value}%`);
};

/** Make the frame as wide as the wider picture, so that the slider is as wide as what it moves over. */
const fit = () => {
  const images = /** @type {HTMLImageElement[]} */ (all(frame, "img"));
  const ratios = images.map((image) => image.naturalWidth / image.naturalHeight || 0);
  frame.style.setProperty("--wide", String(Math.max(...ratios) || 1));
};

/** @param {PointerEvent} event */
const dragSlide = (event) => {
  if (event.type === "pointermove" && !frame.hasPointerCapture(event.pointerId)) return;
  if (event.type === "pointerdown") { event.preventDefault(); frame.setPointerCapture(event.pointerId); slide.focus(); }
  const box = frame.getBoundingClientRect();
  slide.value = String(Math.round((100 * (event.clientX - box.left)) / box.width));
  clip();
};

const EAST = "[\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7a3]";
const WORDS = new RegExp(`(\\s+|(?<=${EAST})|(?=${EAST}))`);
// A table of common words larger than this takes too long: what lies between counts as different.
const TABLE = 4e6;

/** Which words of two lists are common to both, in order.
 * @param {string[]} left @param {string[]} right @returns {[Set<number>, Set<number>]} */
const common = (left, right) => {
  /** @type {[Set<number>, Set<number>]} */
  const same = [new Set(), new Set()];
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) { same[0].add(start); same[1].add(start++); }
  let [i, j] = [left.length, right.length];
  while (i > start && j > start && left[i - 1] === right[j - 1]) { same[0].add(--i); same[1].add(--j); }
  const [wide, high] = [j - start + 1, i - start + 1];
  if (wide * high > TABLE) return same;
  const table = new Uint32Array(wide * high);
  for (let y = high - 2; y >= 0; y--) for (let x = wide - 2; x >= 0; x--) {
    const [down, aside] = [table[(y + 1) * wide + x], table[y * wide + x + 1]];
    table[y * wide + x] = left[start + y] === right[start + x] ? table[(y + 1) * wide + x + 1] + 1 : Math.max(down, aside);
  }
  for (let y = 0, x = 0; y < high - 1 && x < wide - 1;) {
    if (left[start + y] === right[start + x]) { same[0].add(start + y++); same[1].add(start + x++); }
    else if (table[(y + 1) * wide + x] >= table[y * wide + x + 1]) y++;
    else x++;
  }
  return same;
};

/** Two prompts, with the words marked that the other has not. @param {string[]} prompts */
const difference = (prompts) => {
  const lists = prompts.map((text) => text.split(WORDS).filter(Boolean));
  const same = common(lists[0], lists[1]);
  return lists.map((list, side) => list.map((word, at) =>
    (same[side].has(at) || !word.trim() ? document.createTextNode(word) : make("mark", "", word))));
};

/** What differs in how two drawings were made, as rows. @param {HTMLElement[]} cards */
const differingRows = (cards) => {
  const [left, right] = cards.map((card) => new Map([[words.model, textOf(card, ".model")], ...factsOf(card)]));
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  return keys.filter((key) => left.get(key) !== right.get(key) && !(key === words.date || key === words.request_id || key.startsWith(words.picture) || key.startsWith(words.film) || key.endsWith("tokens"))).map((key) => {
    const row = make("div");
    row.append(make("dt", "", key), make("dd", "", left.get(key) || "\u2013"), make("dd", "", right.get(key) || "\u2013"));
    return row;
  });
};

/** @param {HTMLElement} a @param {HTMLElement} b */
const showPair = (a, b) => {
  const cards = [a, b].map(cardOf);
  const prompts = cards.map((card) => textOf(card, ".prompt"));
  const marked = difference(prompts);
  [a, b].forEach((stop, i) => {
    const side = "ab"[i];
    const image = /** @type {HTMLImageElement} */ (the(`pair-${side}`));
    image.onload = fit;
    image.src = source(stop);
    image.alt = prompts[i];
    the(`pair-${side}-line`).replaceChildren(make("b", "", side.toUpperCase()), `${cards[i].id} ${textOf(cards[i], ".model")}`);
    the(`pair-${side}-prompt`).replaceChildren(...marked[i]);
    the(`pair-${side}-prompt`).lang = one(cards[i], ".prompt")?.lang || "en";
  });
  the("pair-rows").replaceChildren(...differingRows(cards));
  slide.value = "50";
  clip();
  pair.showModal();
  slide.focus();
};

/** @param {KeyboardEvent} event */
const slideByKey = (event) => {
  const end = { a: "100", b: "0" }[event.key.toLowerCase()];
  if (!end || !isPlain(event)) return;
  slide.value = end;
  clip();
};

compare.addEventListener("click", () => choose(!choosing()));
slide.addEventListener("input", clip);
frame.addEventListener("pointerdown", dragSlide);
frame.addEventListener("pointermove", dragSlide);
pair.addEventListener("keydown", slideByKey);
the("pair-close").addEventListener("click", () => pair.close());
pair.addEventListener("close", () => choose(false));
the("with-parent").addEventListener("click", () => {
  const other = numbered((the("with-parent").dataset.other || "").slice(1));
  const stop = other && one(other, ".picture");
  if (stop && shown) showPair(stop, shown);
});
main.addEventListener("click", (event) => {
  const stop = around(event.target, ".picture");
  const plate = stop ? null : around(event.target, ".card .plate");
  if (stop && choosing()) take(stop);
  else if (stop) show(stop);
  else if (plate) show(stopOf(cardOf(plate)));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && more.open) { more.open = false; one(more, "summary")?.focus(); }
  else if (event.key === "Escape" && choosing() && !pair.open) choose(false);
  const writes = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (event.key === "/" && isPlain(event) && !writes && !large.open && !pair.open) { event.preventDefault(); search.focus(); }
});
