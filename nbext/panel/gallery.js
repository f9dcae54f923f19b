// @ts-check
/** The history as thumbnails; only those that are visible are asked for. */

import { call, focused, make } from "./dom.js";

const GAP = 8;
/** So many are asked for before the page says how many it has room for; the kernel makes them meanwhile. */
const FIRST = 12;
/** So many drawings are enough to look for some by their dates. */
const MANY = 24;

/** @param {import("./types").Place} place */
function render({ model, el: place }) {
  const words = () => model.get("words");
  const el = model.get("alone") ? make("div") : place;
  if (el !== place) {
    place.classList.add("nbext-panel", "nbext-alone");
    place.append(el);
  }
  el.classList.add("nbext-part", "nbext-gallery");
  const id = `nbext-${Math.random().toString(36).slice(2)}`;
  const head = make("div", { class: "nbext-head" });
  const title = make("span", { class: "nbext-label", id });
  const count = make("span", { class: "nbext-count", role: "status" });
  const filters = make("div", { class: "nbext-filters", role: "search" });
  const text = make("input", { type: "search" });
  const models = make("select");
  const tags = make("select");
  const star = make("input", { type: "checkbox" });
  const starred = make("label", { class: "nbext-check" }, star, "");
  const since = make("input", { type: "date" });
  const until = make("input", { type: "date" });
  const exporting = make("button", { type: "button", onclick: () => model.send({ do: "export" }) });
  const dates = make("span", { class: "nbext-dates" }, since, "–", until);
  filters.append(text, models, tags, dates, starred, exporting);
  // Alone, nobody takes the download.
  exporting.hidden = el !== place;
  const state = make("p", { class: "nbext-said", role: "status" });
  const several = make("div", { class: "nbext-filters nbext-several", role: "toolbar", hidden: true });
  head.append(title, count, filters, several);
  const view = make("div", { class: "nbext-view", role: "listbox", "aria-multiselectable": true, tabindex: 0, "aria-labelledby": id });
  const space = make("div", { class: "nbext-space", role: "presentation" });
  const none = make("p", { class: "nbext-empty" });
  view.append(space);
  el.append(head, state, view, none);

  let total = 0;
  let turn = 0.5;
  /** What the last search has asked for: the first, and the one behind the last. */
  let [begin, end] = [0, 0];
  let at = 0;
  let opening = false; // whether to open what is at hand as soon as it has come
  let current = "";
  /** Those that are selected: ids. @type {Set<string>} */
  const picked = new Set();
  /** Where a selection by Shift begins. */
  let anchor = 0;
  /** Tiles by index. @type {Map<number, any>} */
  const tiles = new Map();
  /** @type {Map<number, {about: any, url: string}>} */
  const known = new Map();
  /** @type {Set<number>} */
  const pending = new Set();
  /** Those known of this search; the others stay in sight until theirs have come. @type {Set<number>} */
  const fresh = new Set();

  const compact = () => model.get("compact");
  const size = () => model.get("size");
  const step = () => size() + GAP;
  const columns = () => Math.max(1, compact() ? total : Math.floor((view.clientWidth + GAP) / step()));

  function name() {
    const w = words();
    title.textContent = w.history;
    text.placeholder = w.search;
    text.setAttribute("aria-label", w.search);
    models.setAttribute("aria-label", w.all_models);
    tags.setAttribute("aria-label", w.all_tags);
    for (const [field, all] of [[models, w.all_models], [tags, w.all_tags]])
      if (field.options[0]) field.options[0].text = all;
    starred.lastChild.data = w.starred;
    for (const [field, word] of [[since, w.since], [until, w.until]]) {
      field.setAttribute("aria-label", word);
      field.title = word;
    }
    exporting.textContent = w.export;
    exporting.title = w.export_hint;
    offerSeveral();
    find();
  }

  function find() {
    turn = Math.random();
    // With what can be seen now, so that it comes without being asked for.
    [begin, end] = view.isConnected ? seen(Infinity) : [0, FIRST];
    call(model, {
      do: "find",
      turn,
      first: begin,
      last: end,
      text: text.value,
      model: models.value,
      tag: tags.value,
      starred: star.checked,
      language: navigator.language,
      since: since.value,
      until: until.value,
    });
  }

  /** @param {number} i */
  function forget(i) {
    URL.revokeObjectURL(known.get(i)?.url ?? "");
    known.delete(i);
    fresh.delete(i);
  }

  /** Which drawings are visible, of so many: the first, and the one behind the last. @param {number} of @returns {[number, number]} */
  function seen(of) {
    if (!view.isConnected || !view.clientWidth) return [0, 0];
    const from = compact() ? view.scrollLeft : view.scrollTop;
    const length = compact() ? view.clientWidth : view.clientHeight;
    const per = compact() ? 1 : columns();
    return [Math.max(0, Math.floor(from / step()) * per), Math.min(of, (Math.floor((from + length) / step()) + 1) * per)];
  }

  /** Lay out what is visible, ask for what of it is not known, forget what is far away. */
  function lay() {
    if (!view.isConnected || !view.clientWidth) return;
    const across = columns();
    space.style.height = compact() ? `${size()}px` : `${Math.ceil(total / across) * step()}px`;
    space.style.width = compact() ? `${total * step()}px` : "";
    const [first, last] = seen(total);
    for (const [i, tile] of tiles) {
      if (i >= first && i < last) continue;
      if (tile.contains(focused(view))) view.focus({ preventScroll: true });
      tile.remove();
      tiles.delete(i);
    }
    /** @type {number[]} */
    const wanted = [];
    for (let i = first; i < last; i++) {
      const tile = tiles.get(i) ?? tileOf(i);
      const across_ = compact() ? i : i % across;
      const down = compact() ? 0 : Math.floor(i / across);
      tile.setAttribute("aria-setsize", total);
      tile.style.transform = `translate(${across_ * step()}px, ${down * step()}px)`;
      if (!fresh.has(i) && !pending.has(i)) wanted.push(i);
    }
    for (const i of known.keys()) if (i >= total || i < first - 200 || i > last + 200) forget(i);
    if (wanted.length) {
      wanted.forEach((i) => pending.add(i));
      call(model, { do: "want", turn, indices: wanted });
    }
    if (!tiles.has(at)) view.removeAttribute("aria-activedescendant");
    else view.setAttribute("aria-activedescendant", `${id}-${at}`);
  }

  /** @param {number} i */
  function tileOf(i) {
    const tile = make("div", {
      class: "nbext-tile",
      id: `${id}-${i}`,
      role: "option",
      "aria-posinset": i + 1,
      "aria-selected": false,
      "aria-label": `${i + 1}`,
      draggable: true,
      onclick: (/** @type {MouseEvent} */ event) => {
        at = i;
        if (event.shiftKey) pickTo(i);
        else if (event.ctrlKey || event.metaKey) pick(i);
        else open();
      },
      ondragstart: (/** @type {DragEvent} */ event) => drag(event, i),
    });
    tile.style.width = tile.style.height = `${size()}px`;
    tiles.set(i, tile);
    space.append(tile);
    fill(i);
    return tile;
  }

  /** @param {number} i */
  function fill(i) {
    const tile = tiles.get(i);
    const item = known.get(i);
    if (!tile || !item) return;
    const { about, url } = item;
    tile.setAttribute("aria-label", `${about.name} ${about.prompt}${about.starred ? ` (${words().starred})` : ""}`);
    tile.title = el === place ? `${about.title}\n\n${words().pick_hint}` : about.title;
    tile.replaceChildren(
      url ? make("img", { alt: "", src: url }) : make("span", { class: "nbext-no" }, ...(about.failure ? [make("em", {}, about.failure)] : []), about.prompt),
      make("span", { class: "nbext-number" }, `${about.starred ? "★ " : ""}${about.name}`),
    );
    mark(i);
  }

  /** Select one, or no longer. @param {number} i @param {boolean} [on] */
  function pick(i, on) {
    const id = known.get(i)?.about.id;
    // Alone, nobody does anything with several.
    if (!id || el !== place) return;
    if (on ?? !picked.has(id)) picked.add(id);
    else picked.delete(id);
    anchor = i;
    markAll();
    offerSeveral();
  }

  /** Select all up to one. @param {number} i */
  function pickTo(i) {
    const from = anchor;
    for (let n = Math.min(from, i); n <= Math.max(from, i); n++) pick(n, true);
    anchor = from;
  }

  function unpick() {
    picked.clear();
    markAll();
    offerSeveral();
  }

  /** Let drawings be dragged onto the references, or as their names into a cell. @param {DragEvent} event @param {number} i */
  function drag(event, i) {
    const id = known.get(i)?.about.id;
    const ids = picked.has(id) ? [...picked] : [id];
    const names = [...known.values()].filter(({ about }) => ids.includes(about.id)).map(({ about }) => about.name);
    event.dataTransfer?.setData("application/x-nbext", JSON.stringify(ids));
    event.dataTransfer?.setData("text/plain", names.join(" "));
  }

  /** What can be done with those that are selected, in place of the filters. */
  function offerSeveral() {
    const w = words();
    several.hidden = picked.size === 0;
    filters.classList.toggle("nbext-away", picked.size > 0);
    if (!picked.size) return;
    /** @param {string} name @param {string} label */
    const button = (name, label) =>
      make("button", { type: "button", "data-several": name, onclick: () => call(model, { do: "several", name, ids: [...picked] }) }, label);
    several.setAttribute("aria-label", w.picked.replace("{count}", String(picked.size)));
    several.replaceChildren(
      make("b", { role: "status" }, w.picked.replace("{count}", String(picked.size))),
      button("reference", w.reference),
      ...(picked.size === 2 ? [button("compare", w.compare)] : []),
      button("star", w.star),
      button("export", w.export_picked),
      make("button", { type: "button", onclick: unpick }, w.picked_clear),
    );
  }

  /** @param {number} i */
  function mark(i) {
    const tile = tiles.get(i);
    const about = known.get(i)?.about;
    tile?.classList.toggle("nbext-at", i === at && view.matches(":focus-visible"));
    tile?.classList.toggle("nbext-picked", !!about && picked.has(about.id));
    tile?.setAttribute("aria-selected", String(!!about && (picked.has(about.id) || about.id === current)));
  }

  const markAll = () => [...tiles.keys()].forEach(mark);

  function open() {
    const about = known.get(at)?.about;
    markAll();
    opening = !about && total > 0;
    if (!about) return;
    if (model.get("number") === about.number) return model.send({ do: "open", id: about.id });
    model.set("number", about.number);
    model.save_changes();
  }

  /** @param {number} i */
  function go(i) {
    at = Math.max(0, Math.min(total - 1, i));
    opening = false;
    const across = columns();
    const place = (compact() ? at : Math.floor(at / across)) * step();
    const from = compact() ? view.scrollLeft : view.scrollTop;
    const length = compact() ? view.clientWidth : view.clientHeight;
    const to = place < from ? place : place + step() > from + length ? place + step() - length : from;
    if (compact()) view.scrollLeft = to;
    else view.scrollTop = to;
    lay();
    markAll();
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    const across = columns();
    const page = Math.max(1, Math.floor(view.clientHeight / step())) * across;
    /** @type {Record<string, number>} */
    const to = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at + (compact() ? 1 : across),
      ArrowUp: at - (compact() ? 1 : across),
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: total - 1,
    };
    if (event.key in to && event.shiftKey && el === place) {
      go(to[event.key]);
      pickTo(at);
    } else if (event.key in to) go(to[event.key]);
    else if (event.key === " " && (event.ctrlKey || event.metaKey)) pick(at);
    else if (event.key === "Escape" && picked.size) unpick();
    else if (event.key === "Enter" || event.key === " ") open();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {any} field @param {string} all @param {string[]} names */
  function offer(field, all, names) {
    const chosen = field.value;
    field.replaceChildren(
      make("option", { value: "" }, all),
      ...names.map((name) => make("option", { value: name }, name)),
    );
    field.value = names.includes(chosen) ? chosen : "";
  }

  /** @param {any} message @param {any[]} buffers */
  function heard(message, buffers) {
    if (message.do === "matches" && message.turn === turn) {
      total = message.total;
      pending.clear();
      fresh.clear();
      for (let i = begin; i < Math.min(end, total); i++) pending.add(i);
      for (const i of known.keys()) if (!tiles.has(i)) forget(i);
      at = Math.min(at, Math.max(0, total - 1));
      count.textContent = (total === 1 ? words().count_one : words().count).replace("{count}", String(total));
      none.textContent = message.all ? words().none_found : words().none;
      none.hidden = total > 0;
      view.hidden = total === 0;
      offer(models, words().all_models, message.models);
      offer(tags, words().all_tags, message.tags);
      tags.hidden = message.tags.length === 0;
      filters.hidden = message.all === 0;
      // What there is little of needs no filter.
      models.hidden = message.models.length < 2;
      dates.hidden = message.all < MANY;
      for (const id of [...picked]) if (message.all === 0) picked.delete(id);
      lay();
    } else if (message.do === "thumbs" && message.turn === turn) {
      message.items.forEach((/** @type {any} */ about, /** @type {number} */ n) => {
        pending.delete(about.index);
        forget(about.index);
        fresh.add(about.index);
        const bytes = buffers[n];
        const url = bytes?.byteLength ? URL.createObjectURL(new Blob([bytes])) : "";
        known.set(about.index, { about, url });
        fill(about.index);
      });
      if (opening) open();
    } else if (message.do === "current") {
      current = message.id;
      markAll();
    } else if (message.do === "changed") find();
    else if (message.do === "export") exportState(message);
  }

  let exported = "";
  /** Say how far an export is, and where it is when it is done. @param {any} message */
  function exportState(message) {
    const w = words();
    exporting.disabled = message.state === "running";
    exported = message.state === "ready" ? message.name : "";
    const text = w.exporting.replace("{done}", message.done).replace("{total}", message.total);
    if (message.state === "running") state.replaceChildren(text);
    else if (message.state === "beside") state.replaceChildren(w.exported, " ", make("a", { href: besideNotebook(message.name), target: "_blank", rel: "noopener" }, message.name));
    else state.replaceChildren();
  }

  /** Where a server has a file that stands beside the notebook. @param {string} file */
  function besideNotebook(file) {
    const data = document.getElementById("jupyter-config-data")?.textContent;
    const base = data ? (JSON.parse(data).baseUrl ?? "/") : "/";
    const notebook = String(model.widget_manager?.context?.path ?? "").split("/").slice(0, -1);
    return [base.replace(/\/$/, ""), "files", ...notebook.map(encodeURIComponent), encodeURIComponent(file)].join("/");
  }

  /** The page that was exported has come whole: it is in the downloads, and can be opened from here. @param {any} event */
  function arrived({ detail }) {
    if (detail.name !== exported) return;
    exporting.disabled = false;
    state.replaceChildren(words().exported, " ", make("a", { href: detail.url, target: "_blank" }, detail.name));
  }

  let typing = 0;
  text.addEventListener("input", () => {
    clearTimeout(typing);
    typing = window.setTimeout(find, 200);
  });
  for (const field of [models, tags, star, since, until]) field.addEventListener("change", find);
  view.addEventListener("keydown", key);
  view.addEventListener("focus", markAll);
  view.addEventListener("blur", markAll);
  let due = 0;
  view.addEventListener("scroll", () => {
    cancelAnimationFrame(due);
    due = requestAnimationFrame(lay);
  });
  window.addEventListener("nbext-file", arrived);
  const watching = new ResizeObserver(lay);
  watching.observe(view);
  model.on("msg:custom", heard);
  model.on("change:words", name);
  name();
  return () => {
    watching.disconnect();
    window.removeEventListener("nbext-file", arrived);
    clearTimeout(typing);
    cancelAnimationFrame(due);
    model.off("msg:custom", heard);
    model.off("change:words", name);
    for (const i of known.keys()) forget(i);
  };
}

export default { render };
