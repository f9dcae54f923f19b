// @ts-check
// The page reads without this; it searches, enlarges, compares, shows what came from what, and copies.
"use strict";
(() => {
  /** @template {HTMLElement} T @param {string} id @returns {T} */
  const the = (id) => /** @type {T} */ (document.getElementById(id));
  /** @param {Element | Document} root @param {string} selector @returns {HTMLElement[]} */
  const all = (root, selector) => /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
  /** @param {Element} root @param {string} selector @returns {HTMLElement | null} */
  const one = (root, selector) => root.querySelector(selector);
  /** @param {string} name @param {string} [className] @param {string} [text] @returns {HTMLElement} */
  const make = (name, className = "", text = "") => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };
  /** @param {string | number} number @returns {HTMLElement | null} */
  const numbered = (number) => document.getElementById(`@${number}`);
  /** @param {Element} inside @returns {HTMLElement} */
  const cardOf = (inside) => /** @type {HTMLElement} */ (inside.closest(".card"));
  /** @param {HTMLElement} card @param {string} what */
  const textOf = (card, what) => one(card, what)?.textContent || "";
  /** @param {EventTarget | null} target @param {string} selector @returns {HTMLElement | null} */
  const around = (target, selector) => (target instanceof Element ? target.closest(selector) : null);

  document.documentElement.classList.add("live");
  const main = the("drawings");
  const tools = the("tools");
  tools.hidden = false;

  // Search and filters

  /** @type {WeakMap<HTMLElement, string>} */
  const words = new WeakMap();
  /** @param {HTMLElement} card */
  const said = (card) => {
    let text = words.get(card);
    if (text === undefined) words.set(card, (text = (card.textContent || "").toLowerCase()));
    return text;
  };
  const search = /** @type {HTMLInputElement} */ (the("search"));
  const filters = ["model", "which", "kind", "tag", "since", "until"];
  /** @param {string} id */
  const value = (id) => /** @type {HTMLInputElement | null} */ (document.getElementById(id))?.value || "";
  // Up to this many matches run on in one flow; more stay in their sections, which a browser can skip.
  const FLAT = 300;

  const filter = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [model, which, kind, tag, since, until] = filters.map(value);
    let count = 0;
    let hidden = 0;
    for (const section of all(document, "section")) {
      let any = false;
      for (const card of all(section, ".card")) {
        const data = card.dataset;
        const failed = card.classList.contains("failed");
        const fits = (!model || data.model === model) && (!kind || data.kind === kind)
          && (!tag || JSON.parse(data.tags || "[]").includes(tag))
          && (!since || (data.day || "") >= since) && (!until || (!!data.day && data.day <= until))
          && (which !== "starred" || data.star !== undefined) && (which !== "failed" || failed) && (which !== "whole" || !failed)
          && wanted.every((word) => said(card).includes(word));
        if (card.hidden === fits) card.hidden = !fits;
        if (fits) { any = true; count++; } else hidden++;
      }
      if (section.hidden === any) section.hidden = !any;
    }
    main.classList.toggle("flat", hidden > 0 && count <= FLAT);
    the("count").textContent = String(count);
    the("none").hidden = count > 0;
    const active = ["kind", "tag", "since", "until"].filter(value).length;
    the("active").textContent = active ? String(active) : "";
    if (inTree()) plant();
  };
  let waiting = 0;
  tools.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 60); });
  tools.addEventListener("submit", (event) => event.preventDefault());
  const reset = () => { /** @type {HTMLFormElement} */ (tools).reset(); filter(); search.focus(); };
  the("reset").addEventListener("click", reset);
  the("clear").addEventListener("click", reset);
  const more = /** @type {HTMLDetailsElement} */ (the("more"));
  document.addEventListener("click", (event) => { if (!around(event.target, "#more")) more.open = false; });

  const order = the("order");
  order.addEventListener("click", () => {
    for (const section of all(main, "section").reverse()) {
      const list = /** @type {HTMLElement} */ (one(section, "ul"));
      list.append(...[...list.children].reverse());
      main.insertBefore(section, the("families"));
    }
    const newest = order.dataset.order === "newest";
    order.dataset.order = newest ? "oldest" : "newest";
    order.textContent = newest ? "Newest first" : "Oldest first";
    if (inTree()) plant();
  });

  const theme = the("theme");
  theme.hidden = false;
  const isDark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; name(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();

  // What came from what

  /** @param {HTMLElement} card @returns {HTMLElement[]} */
  const before = (card) => (card.dataset.before || "").split(" ").filter(Boolean).map(numbered).filter((found) => !!found);
  /** @type {Map<HTMLElement, HTMLElement[]> | undefined} */
  let children;
  const after = () => {
    if (children) return children;
    children = new Map();
    for (const card of all(main, ".card")) for (const parent of before(card)) {
      const known = children.get(parent);
      if (known) known.push(card); else children.set(parent, [card]);
    }
    for (const list of children.values()) list.sort((a, b) => numberOf(a) - numberOf(b));
    return children;
  };
  /** @param {HTMLElement} card */
  const numberOf = (card) => Number(card.id.slice(1));
  /** @param {HTMLElement} card */
  const small = (card) => {
    const image = /** @type {HTMLImageElement | null} */ (one(card, ".picture img"));
    const button = make("button", image ? "small" : "small worded", image ? "" : card.id);
    button.dataset.to = card.id;
    button.setAttribute("aria-label", `${card.id} ${textOf(card, ".prompt").slice(0, 100)}`);
    const ratio = [...card.classList].find((word) => /^r\d+$/.test(word));
    if (ratio) button.classList.add(ratio);
    if (image) {
      const copy = /** @type {HTMLImageElement} */ (make("img"));
      copy.alt = "";
      copy.loading = "lazy";
      copy.src = image.src;
      button.append(copy);
    }
    return button;
  };
  const tree = document.getElementById("tree");
  const inTree = () => tree?.getAttribute("aria-pressed") === "true";
  // Deeper than this a family goes on in a row of its own.
  const DEPTH = 40;

  /** One row for each family: what it began with, and to the right what was made of it. */
  const plant = () => {
    const room = the("families");
    const kin = after();
    const seen = new Set();
    const starts = all(main, ".card").filter((card) => kin.has(card) && !before(card).length);
    // Only a file that was changed by hand has a circle; it begins at its first drawing.
    const circles = all(main, ".card").filter((card) => kin.has(card)).reverse();
    const families = [];
    for (let waitingRoots = [...starts, ...circles], at = 0; at < waitingRoots.length; at++) {
      const root = waitingRoots[at];
      if (seen.has(root)) continue;
      const list = make("ul");
      /** @type {{ takes: HTMLElement[], into: HTMLElement, depth: number }[]} */
      const todo = [{ takes: [root], into: list, depth: 0 }];
      seen.add(root);
      let any = false;
      for (let step = todo.pop(); step; step = todo.pop()) {
        const { takes, into, depth } = step;
        const item = make("li");
        const leaf = make("div", "leaf");
        const row = make("div", "takes");
        row.append(...takes.map(small));
        leaf.append(row, make("p", "", `${takes.map((card) => card.id).join(" ")} ${textOf(takes[0], ".prompt").slice(0, 120)}`));
        const visible = takes.some((card) => !card.hidden);
        leaf.classList.toggle("dim", !visible);
        any ||= visible;
        item.append(leaf);
        into.append(item);
        /** @type {HTMLElement[][]} */
        const groups = [];
        for (const child of takes.flatMap((card) => kin.get(card) || [])) {
          if (seen.has(child)) continue;
          if (depth >= DEPTH) { waitingRoots.splice(at + 1, 0, child); continue; }
          seen.add(child);
          const last = groups.at(-1);
          if (last && Number(child.dataset.take) > 0 && textOf(last[0], ".prompt") === textOf(child, ".prompt")) last.push(child);
          else groups.push([child]);
        }
        if (groups.length) {
          const below = make("ul");
          item.append(below);
          for (const group of groups.reverse()) todo.push({ takes: group, into: below, depth: depth + 1 });
        }
      }
      if (!any) continue;
      const family = make("div", "family");
      family.tabIndex = 0;
      family.setAttribute("role", "group");
      family.setAttribute("aria-label", `From ${root.id}`);
      family.append(list);
      families.push(family);
    }
    room.replaceChildren(...families);
    the("none").hidden = families.length > 0;
  };
  tree?.addEventListener("click", () => {
    const on = !inTree();
    tree.setAttribute("aria-pressed", String(on));
    main.classList.toggle("growing", on);
    the("families").hidden = !on;
    if (on) plant(); else { the("families").replaceChildren(); filter(); }
  });

  // The large view

  const large = /** @type {HTMLDialogElement} */ (the("large"));
  /** @type {HTMLElement | null} */
  let shown = null;
  /** What the arrows go through: each picture, and the number of what has none. @returns {HTMLElement[]} */
  const stops = () => all(main, ".card:not([hidden])").flatMap(stopsOf);
  /** @param {HTMLElement} card */
  const stopsOf = (card) => {
    const pictures = all(card, ".picture");
    return pictures.length ? pictures : all(card, ".number");
  };
  /** @param {HTMLElement} picture */
  const source = (picture) => picture.dataset.source || /** @type {HTMLImageElement} */ (picture.querySelector("img")).src;

  /** @param {HTMLElement} stop */
  const show = (stop) => {
    shown = stop;
    const card = cardOf(stop);
    const prompt = one(card, ".prompt");
    stage(stop, card);
    the("full-prompt").textContent = prompt?.textContent || "";
    the("full-prompt").lang = prompt?.lang || "en";
    the("full-line").replaceChildren(...[.../** @type {Element} */ (one(card, ".line")).childNodes].map((node) => node.cloneNode(true)));
    const details = one(card, "figcaption > details");
    const copies = [...(details?.children || [])].filter((part) => part.tagName !== "SUMMARY").map((part) => /** @type {HTMLElement} */ (part.cloneNode(true)));
    for (const copy of copies) for (const row of all(copy, "[data-row]")) row.hidden = !!stop.dataset.row && row.dataset.row !== stop.dataset.row;
    the("full-details").replaceChildren(...copies);
    relatives(card);
    if (!large.open) large.showModal();
    const list = stops();
    the("place").textContent = list.includes(stop) ? `${list.indexOf(stop) + 1} / ${list.length}` : "";
    // What the dialog would focus is replaced with each drawing.
    if (!(document.activeElement instanceof HTMLButtonElement && large.contains(document.activeElement))) the("next").focus();
    the("about").scrollTop = 0;
    history.replaceState(null, "", `#${card.id}`);
  };
  /** @param {HTMLElement} stop @param {HTMLElement} card */
  const stage = (stop, card) => {
    if (stop.classList.contains("picture")) {
      const full = /** @type {HTMLImageElement} */ (make("img"));
      full.id = "full";
      full.alt = /** @type {HTMLImageElement} */ (stop.querySelector("img")).alt;
      full.src = source(stop);
      return the("stage").replaceChildren(full);
    }
    const parts = all(card, "video, .plate, .missing").map((part) => /** @type {HTMLElement} */ (part.cloneNode(true)));
    for (const part of parts) if (part.classList.contains("plate")) part.tabIndex = 0;
    the("stage").replaceChildren(...parts);
  };
  /** @param {HTMLElement} card */
  const relatives = (card) => {
    const rows = [];
    for (const [word, cards] of /** @type {[string, HTMLElement[]][]} */ ([["From", before(card)], ["Led to", after().get(card) || []]])) {
      if (!cards.length) continue;
      const row = make("div");
      row.append(make("span", "", word), ...cards.slice(0, 24).map(small));
      rows.push(row);
    }
    the("relatives").replaceChildren(...rows);
    const other = before(card).find((parent) => one(parent, ".picture"));
    const button = the("with-parent");
    button.hidden = !other || !shown?.classList.contains("picture");
    button.textContent = other ? `Compare with ${other.id}` : "";
    button.dataset.other = other?.id || "";
  };
  /** @param {number} step */
  const move = (step) => {
    const list = stops();
    const at = shown ? list.indexOf(shown) : -1;
    const next = step === Infinity ? list.length - 1 : step === -Infinity ? 0 : Math.min(list.length - 1, Math.max(0, at + step));
    if (list[next]) show(list[next]);
  };
  the("previous").addEventListener("click", () => move(-1));
  the("next").addEventListener("click", () => move(1));
  the("close").addEventListener("click", () => large.close());
  large.addEventListener("close", () => { the("stage").replaceChildren(); shown?.focus(); });
  the("stage").addEventListener("click", (event) => { if (event.target === the("stage")) large.close(); });
  large.addEventListener("keydown", (event) => {
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (event.target instanceof HTMLVideoElement || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in steps) { event.preventDefault(); move(steps[event.key]); }
  });

  // Compare

  const compare = the("compare");
  const pair = /** @type {HTMLDialogElement} */ (the("pair"));
  const slide = /** @type {HTMLInputElement} */ (the("slide"));
  const frame = /** @type {HTMLElement} */ (one(pair, ".frame"));
  /** @type {HTMLElement[]} */
  let chosen = [];
  const choosing = () => compare.getAttribute("aria-pressed") === "true";
  /** @param {boolean} on */
  const choose = (on) => {
    compare.setAttribute("aria-pressed", String(on));
    compare.textContent = on ? "Choose two" : "Compare";
    document.body.classList.toggle("choosing", on);
    for (const picture of chosen) { picture.classList.remove("chosen"); cardOf(picture).classList.remove("chosen"); }
    chosen = [];
  };
  compare.addEventListener("click", () => choose(!choosing()));
  const clip = () => {
    the("pair-clip").style.clipPath = `inset(0 ${100 - Number(slide.value)}% 0 0)`;
    frame.style.setProperty("--at", `${slide.value}%`);
  };
  slide.addEventListener("input", clip);
  /** Make the frame as wide as the wider picture, so that the slider is as wide as what it moves over. */
  const fit = () => {
    const ratios = all(frame, "img").map((image) => /** @type {HTMLImageElement} */ (image)).map((image) => image.naturalWidth / image.naturalHeight || 0);
    frame.style.setProperty("--wide", String(Math.max(...ratios) || 1));
  };
  /** @param {PointerEvent} event */
  const drag = (event) => {
    if (event.type === "pointermove" && !frame.hasPointerCapture(event.pointerId)) return;
    if (event.type === "pointerdown") { event.preventDefault(); frame.setPointerCapture(event.pointerId); }
    const box = frame.getBoundingClientRect();
    slide.value = String(Math.round((100 * (event.clientX - box.left)) / box.width));
    clip();
  };
  frame.addEventListener("pointerdown", drag);
  frame.addEventListener("pointermove", drag);

  const SPLIT = /(\s+|(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3])|(?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]))/;
  /** Mark the words of each prompt that the other has not, in order. @param {string} a @param {string} b */
  const difference = (a, b) => {
    const [left, right] = [a, b].map((text) => text.split(SPLIT).filter(Boolean));
    const same = [new Set(), new Set()];
    let start = 0;
    while (start < left.length && start < right.length && left[start] === right[start]) { same[0].add(start); same[1].add(start); start++; }
    let [i, j] = [left.length, right.length];
    while (i > start && j > start && left[i - 1] === right[j - 1]) { i--; j--; same[0].add(i); same[1].add(j); }
    const [wide, high] = [j - start + 1, i - start + 1];
    // The table of common words would be too large: what lies between counts as different.
    if (wide * high <= 4e6) {
      const table = new Uint32Array(wide * high);
      for (let y = high - 2; y >= 0; y--) for (let x = wide - 2; x >= 0; x--)
        table[y * wide + x] = left[start + y] === right[start + x] ? table[(y + 1) * wide + x + 1] + 1 : Math.max(table[(y + 1) * wide + x], table[y * wide + x + 1]);
      for (let y = 0, x = 0; y < high - 1 && x < wide - 1;) {
        if (left[start + y] === right[start + x]) { same[0].add(start + y++); same[1].add(start + x++); }
        else if (table[(y + 1) * wide + x] >= table[y * wide + x + 1]) y++;
        else x++;
      }
    }
    return [left, right].map((list, side) => list.map((word, at) => (same[side].has(at) || !word.trim() ? document.createTextNode(word) : make("mark", "", word))));
  };
  /** @param {HTMLElement} card @returns {Map<string, string>} */
  const rowsOf = (card) => new Map(all(card, "dl > div:not([data-row])").map((row) => [textOf(row, "dt"), textOf(row, "dd").trim()]));
  /** @param {HTMLElement} a @param {HTMLElement} b */
  const showPair = (a, b) => {
    const cards = [a, b].map(cardOf);
    const prompts = cards.map((card) => textOf(card, ".prompt"));
    const marked = difference(prompts[0], prompts[1]);
    [a, b].forEach((picture, i) => {
      const side = "ab"[i];
      const image = /** @type {HTMLImageElement} */ (the(`pair-${side}`));
      image.src = source(picture);
      image.alt = prompts[i];
      image.onload = fit;
      the(`pair-${side}-line`).replaceChildren(make("b", "", side.toUpperCase()), `${cards[i].id} ${cards[i].dataset.model}`);
      the(`pair-${side}-prompt`).replaceChildren(...marked[i]);
      the(`pair-${side}-prompt`).lang = one(cards[i], ".prompt")?.lang || "en";
    });
    const [left, right] = cards.map(rowsOf);
    the("pair-rows").replaceChildren(...[...new Set([...left.keys(), ...right.keys()])]
      .filter((key) => left.get(key) !== right.get(key) && !/^(Date|Request id)$|tokens$/.test(key))
      .map((key) => {
        const row = make("div");
        row.append(make("dt", "", key), make("dd", "", left.get(key) || "–"), make("dd", "", right.get(key) || "–"));
        return row;
      }));
    slide.value = "50";
    clip();
    pair.showModal();
    slide.focus();
  };
  pair.addEventListener("keydown", (event) => {
    /** @type {Record<string, string>} */
    const ends = { a: "100", A: "100", b: "0", B: "0" };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ends) { slide.value = ends[event.key]; clip(); }
  });
  the("pair-close").addEventListener("click", () => pair.close());
  pair.addEventListener("close", () => choose(false));
  the("with-parent").addEventListener("click", () => {
    const other = numbered((the("with-parent").dataset.other || "").slice(1));
    const picture = other && one(other, ".picture");
    if (picture && shown) showPair(picture, shown);
  });

  main.addEventListener("click", (event) => {
    const picture = around(event.target, ".picture");
    if (!picture) {
      const plate = around(event.target, ".card .plate");
      const number = plate && one(cardOf(plate), ".number");
      if (number) show(number);
      return;
    }
    if (!choosing()) return show(picture);
    if (chosen[0] === picture) return choose(true);
    chosen.push(picture);
    picture.classList.add("chosen");
    cardOf(picture).classList.add("chosen");
    if (chosen.length === 2) showPair(chosen[0], chosen[1]);
  });
  // A number, and a small picture of a relative, lead to the drawing.
  document.addEventListener("click", (event) => {
    const link = around(event.target, "a[href^='#@'], [data-to]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const card = numbered((link.dataset.to || link.getAttribute("href") || "").replace(/^#?@/, ""));
    if (!card) return;
    event.preventDefault();
    show(stopsOf(card)[0]);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && more.open) { more.open = false; one(more, "summary")?.focus(); }
    else if (event.key === "Escape" && choosing() && !pair.open) choose(false);
    if (event.key === "/" && !(event.target instanceof HTMLInputElement) && !large.open && !pair.open) { event.preventDefault(); search.focus(); }
  });

  // Copy

  document.addEventListener("click", async (event) => {
    const button = around(event.target, "[data-copy]");
    if (!button || !shown) return;
    const text = textOf(cardOf(shown), button.dataset.copy === "cell" ? ".cell" : ".prompt");
    const label = button.dataset.label || button.textContent || "";
    button.dataset.label = label;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed here";
    }
    setTimeout(() => { button.textContent = label; }, 1500);
  });

  // A link to one drawing

  const arrive = () => {
    // A number, so that no fragment, however odd, is an error.
    const card = numbered(location.hash.match(/^#(?:@|%40)(-?\d+)$/)?.[1] || "");
    if (!card) return;
    if (inTree()) tree?.click();
    card.hidden = false;
    const section = card.closest("section");
    if (section) section.hidden = false;
    card.scrollIntoView({ block: "center" });
    stopsOf(card)[0]?.focus();
  };
  addEventListener("hashchange", () => { if (large.open) large.close(); arrive(); });
  // After the browser's own jump to the fragment, which takes the focus away.
  if (location.hash) addEventListener("load", () => setTimeout(arrive, 50));
  if (!one(main, ".card")) the("none").hidden = false;
})();
