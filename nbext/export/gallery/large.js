// @ts-check
// The large view: one drawing alone, with all that is known of it, and a link of its own.

const large = /** @type {HTMLDialogElement} */ (the("large"));
const stage = the("stage");
const save = /** @type {HTMLAnchorElement} */ (the("save"));
/** What is shown: a picture, or the number of a drawing that has none. @type {HTMLElement | null} */
let shown = null;

/** What the arrows go through. */
const stops = () => (stopList ||= all(main, "section:not([hidden]) .card:not([hidden]) .stop"));
/** @param {HTMLElement} card */
const stopOf = (card) => /** @type {HTMLElement} */ (one(card, ".stop"));
/** The whole picture behind a small one. @param {HTMLElement} stop */
const source = (stop) => stop.dataset.source || /** @type {HTMLImageElement} */ (one(stop, "img")).src;

/** @param {HTMLElement} stop */
const show = (stop) => {
  shown = stop;
  const card = cardOf(stop);
  setStage(stop, card);
  describe(stop, card);
  setRelatives(card);
  offerToSave(stop, card);
  offerRerun(card);
  if (!large.open) large.showModal();
  setPlace(stop);
  // What the dialog would focus is replaced with each drawing.
  if (!(document.activeElement instanceof HTMLButtonElement && large.contains(document.activeElement))) the("next").focus({ preventScroll: true });
  // On a phone all of it is one column, the picture first.
  large.scrollTop = the("about").scrollTop = 0;
  const cut = the("full-prompt").scrollHeight > the("full-prompt").clientHeight + 2;
  the("unfold").hidden = !cut;
  the("full-prompt").classList.toggle("cut", cut);
  setAddress(`#${card.id}`);
};

/** Say which of all that are shown it is, once all are known. @param {HTMLElement} stop */
const setPlace = (stop) => {
  const list = unread.size ? [] : stops();
  const at = list.indexOf(stop);
  the("place").textContent = at < 0 ? "" : `${(at + 1).toLocaleString("en")} / ${list.length.toLocaleString("en")}`;
};

/** Name the drawing, and what is searched and filtered, in the address, where the page may: not in every frame.
 * @param {string} hash */
const setAddress = (hash) => {
  const query = stateText();
  const after = query ? `${hash || "#"}?${query}` : hash;
  try {
    history.replaceState(null, "", after || location.pathname + location.search);
  } catch {
    return;
  }
};

/** Put the picture, or what came instead, where it has most room.
 * @param {HTMLElement} stop @param {HTMLElement} card */
const setStage = (stop, card) => {
  if (stop.classList.contains("picture")) {
    const full = picture(source(stop));
    full.id = "full";
    full.alt = /** @type {HTMLImageElement} */ (one(stop, "img")).alt;
    return stage.replaceChildren(full);
  }
  const parts = all(card, "video, audio, .file, .plate, .missing").map((part) => /** @type {HTMLElement} */ (part.cloneNode(true)));
  for (const part of parts) if (part.classList.contains("plate")) part.tabIndex = 0;
  stage.replaceChildren(...parts);
};

/** Say what the card says, and what it keeps folded. @param {HTMLElement} stop @param {HTMLElement} card */
const describe = (stop, card) => {
  const prompt = one(card, ".prompt");
  the("full-prompt").textContent = prompt?.textContent || "";
  unfold(false);
  the("full-prompt").lang = prompt?.lang || "en";
  the("full-line").replaceChildren(...[...(one(card, ".line")?.childNodes || [])].map((node) => node.cloneNode(true)));
  the("full-notes").replaceChildren(...all(card, ".tags, .note").map((part) => part.cloneNode(true)));
  const folded = one(card, ".more");
  const copies = folded ? all(folded, ":scope > :not(.facts, .cell, .step)").map((part) => part.cloneNode(true)) : [];
  the("full-details").replaceChildren(table(card, stop.dataset.row), ...copies);
};

/** Show all of a long prompt, or its beginning. @param {boolean} on */
const unfold = (on) => {
  the("full-prompt").classList.toggle("whole", on);
  the("unfold").textContent = on ? words.show_less : words.show_all;
  the("unfold").setAttribute("aria-expanded", String(on));
};

/** How a drawing was made, as pairs: one a line of what its card keeps folded.
 * @param {HTMLElement} card @returns {Map<string, string>} */
const factsOf = (card) => new Map(textOf(card, ".facts").split("\n").filter(Boolean).map((line) => {
  const at = line.indexOf(": ");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 2)];
}));

/** The same as a table; of several pictures only the one that is shown. @param {HTMLElement} card @param {string} [row] */
const table = (card, row) => {
  const list = make("dl");
  for (const [key, value] of factsOf(card)) {
    if (row && key.startsWith(`${words.picture} `) && key !== `${words.picture} ${row}`) continue;
    const pair = make("div");
    pair.append(make("dt", "", key), make("dd", "", value));
    list.append(pair);
  }
  return list;
};

/** Show what it came from and what it led to, as small pictures. @param {HTMLElement} card */
const setRelatives = (card) => {
  const rows = [];
  const from = [...before(card).map(small), ...referencesOf(card).map(smallReference)];
  const led = (after().get(card) || []).slice(0, 24).map(small);
  for (const [word, cards] of /** @type {[string, HTMLElement[]][]} */ ([[words.source, from], [words.edits, led]])) {
    if (!cards.length) continue;
    const row = make("div");
    row.append(make("span", "word", word), ...cards);
    rows.push(row);
  }
  the("relatives").replaceChildren(...rows);
  fill(the("relatives"));
  const other = before(card).find((parent) => one(parent, ".picture"));
  const button = the("with-parent");
  button.hidden = !other || !shown?.classList.contains("picture");
  button.textContent = other ? filled("compare_with", { name: other.id }) : "";
  button.dataset.other = other?.id || "";
};

/** Offer the whole picture as a file, under the drawing's name. @param {HTMLElement} stop @param {HTMLElement} card */
const offerToSave = (stop, card) => {
  const film = /** @type {HTMLVideoElement | null} */ (one(card, "video"));
  const isPicture = stop.classList.contains("picture");
  save.hidden = !isPicture && !film;
  save.textContent = isPicture ? words.save_picture : words.save_film;
  save.href = isPicture ? source(stop) : film?.src || "#";
  save.download = fileOf(stop, save.href);
  save.target = save.href.startsWith("data:") ? "" : "_blank";
};

/** Name a file by its drawing. @param {HTMLElement} stop @param {string} url */
const fileOf = (stop, url) => {
  const kind = url.startsWith("data:") ? url.slice(5, url.indexOf(";")).split("/")[1] : url.split(".").at(-1) || "";
  const row = stop.dataset.row ? `-${stop.dataset.row}` : "";
  return `drawing-${numberOf(cardOf(stop))}${row}.${{ jpeg: "jpg", "svg+xml": "svg" }[kind] || kind}`;
};

/** The bytes that a data URI holds: browsers save no long one. @param {string} uri */
const blobOf = (uri) => {
  const [head, coded] = uri.split(",", 2);
  return new Blob([Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0))], { type: head.slice(5).split(";")[0] });
};

/** @param {MouseEvent} event */
const saveBytes = (event) => {
  if (!save.href.startsWith("data:")) return;
  event.preventDefault();
  const link = /** @type {HTMLAnchorElement} */ (make("a"));
  link.href = URL.createObjectURL(blobOf(save.href));
  link.download = save.download;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};

/** Let a small picture be dragged away as the whole one, under its drawing's name. @param {DragEvent} event */
const dragWhole = (event) => {
  const stop = event.target instanceof HTMLImageElement ? (around(event.target, ".picture") || (event.target.id === "full" ? shown : null)) : null;
  if (!stop || !event.dataTransfer) return;
  const url = new URL(source(stop), location.href).href;
  const file = fileOf(stop, url);
  const kind = file.split(".").at(-1) || "";
  const type = `image/${{ jpg: "jpeg", svg: "svg+xml" }[kind] || kind}`;
  event.dataTransfer.setData("DownloadURL", `${type}:${file}:${url}`);
};

/** Go to another drawing. @param {number} step */
const move = (step) => {
  readAll();
  const list = stops();
  const at = shown ? list.indexOf(shown) : -1;
  const next = list[Math.min(list.length - 1, Math.max(0, at + step))];
  if (next) show(next);
};

/** @param {KeyboardEvent} event */
const moveByKey = (event) => {
  /** @type {Record<string, number>} */
  const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -1e9, End: 1e9 };
  if (!large.open || pair.open || event.target instanceof HTMLVideoElement || !isPlain(event) || !(event.key in steps)) return;
  event.preventDefault();
  move(steps[event.key]);
};

/** Back to the drawing's place among the others. */
const leave = () => {
  stage.replaceChildren();
  setAddress("");
  shown?.focus();
};

/** What is searched and filtered, as the address says it: also as people write it, `#search=cat` or `#tree`.
 * A link to a drawing alone says nothing of that. @param {string} fragment */
const stateOf = (fragment) => {
  const at = fragment.indexOf("?");
  if (at >= 0) return fragment.slice(at + 1);
  if (fragment === "tree" || fragment === "grid") return `as=${fragment}`;
  return !fragment || /^[a-z]+=/.test(fragment) ? fragment : undefined;
};

/** Show the drawing that the address names, alone. */
const arrive = () => {
  const state = stateOf(location.hash.slice(1));
  if (state !== undefined) applyState(state);
  // A number, so that no fragment, however odd, is an error.
  const named = location.hash.match(/^#(?:@|%40)(-?\d+)(?:\?|$)/);
  const card = named && numbered(named[1]);
  the("absent").textContent = named && !card ? filled("no_drawing", { number: named[1] }) : "";
  if (card) show(stopOf(card)); else if (large.open) large.close();
};

the("previous").addEventListener("click", () => move(-1));
the("next").addEventListener("click", () => move(1));
the("unfold").addEventListener("click", () => unfold(the("unfold").getAttribute("aria-expanded") !== "true"));
the("close").addEventListener("click", () => large.close());
large.addEventListener("close", leave);
// A browser that follows a link to a drawing takes the focus out of the dialog.
document.addEventListener("keydown", moveByKey);
stage.addEventListener("click", (event) => { if (event.target === stage) large.close(); });
save.addEventListener("click", saveBytes);
document.addEventListener("dragstart", dragWhole);
addEventListener("hashchange", arrive);
whenRead(() => {
  if (!large.open || !shown) return;
  setPlace(shown);
  setRelatives(cardOf(shown));
});
// A number, and a small picture of a relative, lead to the drawing.
document.addEventListener("click", (event) => {
  const link = around(event.target, "a[href^='#@'], [data-to]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const card = numbered((link.dataset.to || link.getAttribute("href") || "").replace(/^#?@/, ""));
  if (!card) return;
  event.preventDefault();
  show(stopOf(card));
});
