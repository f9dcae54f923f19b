// @ts-check
// The page reads without this; it searches, enlarges, compares and copies.
"use strict";
(() => {
  /** @template {HTMLElement} T @param {string} id @returns {T} */
  const the = (id) => /** @type {T} */ (document.getElementById(id));
  /** @returns {HTMLElement[]} */
  const cards = () => [...document.querySelectorAll(".card")].map((card) => /** @type {HTMLElement} */ (card));
  /** @type {WeakMap<HTMLElement, string>} */
  const words = new WeakMap();
  /** @param {HTMLElement} card */
  const said = (card) => {
    let text = words.get(card);
    if (text === undefined) words.set(card, (text = (card.textContent || "").toLowerCase()));
    return text;
  };

  // Search and filters

  const tools = the("tools");
  tools.hidden = false;
  for (const copy of document.querySelectorAll(".card .copy")) /** @type {HTMLElement} */ (copy).hidden = false;
  const search = /** @type {HTMLInputElement} */ (the("search"));
  /** @param {string} id */
  const value = (id) => /** @type {HTMLInputElement | null} */ (document.getElementById(id))?.value || "";
  /** @param {string} id */
  const checked = (id) => /** @type {HTMLInputElement | null} */ (document.getElementById(id))?.checked || false;

  const filter = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [model, kind, tag, since] = ["model", "kind", "tag", "since"].map(value);
    const [starred, whole] = [checked("starred"), checked("whole")];
    let count = 0;
    for (const section of document.querySelectorAll("section")) {
      let any = false;
      for (const one of section.querySelectorAll(".card")) {
        const card = /** @type {HTMLElement} */ (one);
        const data = card.dataset;
        const fits = (!model || data.model === model) && (!kind || data.kind === kind)
          && (!tag || JSON.parse(data.tags || "[]").includes(tag)) && (!since || (data.day || "") >= since)
          && (!starred || data.star !== undefined) && (!whole || !card.classList.contains("failed"))
          && wanted.every((word) => said(card).includes(word));
        card.hidden = !fits;
        if (fits) { any = true; count++; }
      }
      /** @type {HTMLElement} */ (section).hidden = !any;
    }
    the("count").textContent = String(count);
    the("none").hidden = count > 0;
  };
  let waiting = 0;
  tools.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 60); });
  tools.addEventListener("submit", (event) => event.preventDefault());
  the("reset").addEventListener("click", () => { /** @type {HTMLFormElement} */ (tools).reset(); filter(); search.focus(); });

  const order = the("order");
  order.addEventListener("click", () => {
    const main = the("drawings");
    for (const section of [...main.querySelectorAll("section")].reverse()) {
      const list = /** @type {HTMLElement} */ (section.querySelector("ul"));
      list.append(...[...list.children].reverse());
      main.insertBefore(section, the("none"));
    }
    const newest = order.dataset.order === "newest";
    order.dataset.order = newest ? "oldest" : "newest";
    order.textContent = newest ? "Newest first" : "Oldest first";
  });

  const theme = the("theme");
  theme.hidden = false;
  const isDark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; name(); });
  name();

  // The large view

  const large = /** @type {HTMLDialogElement} */ (the("large"));
  /** @type {HTMLElement | null} */
  let shown = null;
  const visible = () => [...document.querySelectorAll(".card:not([hidden]) .picture")].map((one) => /** @type {HTMLElement} */ (one));
  /** @param {Element} picture */
  const cardOf = (picture) => /** @type {HTMLElement} */ (picture.closest(".card"));
  /** @param {HTMLElement} picture */
  const source = (picture) => picture.dataset.source || /** @type {HTMLImageElement} */ (picture.querySelector("img")).src;

  /** @param {HTMLElement} picture */
  const show = (picture) => {
    shown = picture;
    const card = cardOf(picture);
    const full = /** @type {HTMLImageElement} */ (the("full"));
    full.src = source(picture);
    full.alt = /** @type {HTMLImageElement} */ (picture.querySelector("img")).alt;
    the("full-prompt").textContent = card.querySelector(".prompt")?.textContent || "";
    the("full-line").replaceChildren(...[.../** @type {Element} */ (card.querySelector(".line")).childNodes].map((node) => node.cloneNode(true)));
    const details = card.querySelector("dl");
    the("full-details").replaceChildren(...(details ? [details.cloneNode(true)] : []));
    if (!large.open) large.showModal();
    // The link that the dialog would focus is replaced with each picture.
    if (!(document.activeElement instanceof HTMLButtonElement && large.contains(document.activeElement))) the("next").focus();
    history.replaceState(null, "", `#${card.id}`);
  };
  /** @param {number} step */
  const move = (step) => {
    const all = visible();
    const at = shown ? all.indexOf(shown) : -1;
    const next = step === Infinity ? all.length - 1 : step === -Infinity ? 0 : Math.min(all.length - 1, Math.max(0, at + step));
    if (all[next]) show(all[next]);
  };
  the("previous").addEventListener("click", () => move(-1));
  the("next").addEventListener("click", () => move(1));
  the("close").addEventListener("click", () => large.close());
  large.addEventListener("close", () => { shown?.focus(); });
  large.addEventListener("click", (event) => { if (event.target instanceof HTMLElement && event.target.classList.contains("stage")) large.close(); });
  large.addEventListener("keydown", (event) => {
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (event.key in steps) { event.preventDefault(); move(steps[event.key]); }
  });

  // Compare

  const compare = the("compare");
  const pair = /** @type {HTMLDialogElement} */ (the("pair"));
  const slide = /** @type {HTMLInputElement} */ (the("slide"));
  /** @type {HTMLElement[]} */
  let chosen = [];
  const choosing = () => compare.getAttribute("aria-pressed") === "true";
  /** @param {boolean} on */
  const choose = (on) => {
    compare.setAttribute("aria-pressed", String(on));
    compare.textContent = on ? "Choose two" : "Compare";
    document.body.classList.toggle("choosing", on);
    for (const picture of chosen) cardOf(picture).classList.remove("chosen");
    chosen = [];
  };
  compare.addEventListener("click", () => choose(!choosing()));
  const clip = () => { the("pair-clip").style.clipPath = `inset(0 ${100 - Number(slide.value)}% 0 0)`; };
  slide.addEventListener("input", clip);
  /** @param {string} text @param {string} other */
  const marked = (text, other) => {
    const known = new Set(other.split(/(\s+|(?<=[\u3400-\u9fff])|(?=[\u3400-\u9fff]))/));
    return text.split(/(\s+|(?<=[\u3400-\u9fff])|(?=[\u3400-\u9fff]))/).filter(Boolean).map((word) => {
      if (known.has(word) || !word.trim()) return document.createTextNode(word);
      const mark = document.createElement("mark");
      mark.textContent = word;
      return mark;
    });
  };
  /** @param {HTMLElement} a @param {HTMLElement} b */
  const showPair = (a, b) => {
    const prompts = [a, b].map((picture) => cardOf(picture).querySelector(".prompt")?.textContent || "");
    [a, b].forEach((picture, i) => {
      const image = /** @type {HTMLImageElement} */ (the(i ? "pair-b" : "pair-a"));
      image.src = source(picture);
      image.alt = prompts[i];
      const line = document.createElement("strong");
      line.textContent = `${cardOf(picture).id} `;
      the(i ? "pair-b-prompt" : "pair-a-prompt").replaceChildren(line, ...marked(prompts[i], prompts[1 - i]));
    });
    slide.value = "50";
    clip();
    pair.showModal();
    slide.focus();
  };
  pair.addEventListener("keydown", (event) => {
    /** @type {Record<string, string>} */
    const ends = { a: "100", A: "100", b: "0", B: "0" };
    if (event.key in ends) { slide.value = ends[event.key]; clip(); }
  });
  the("pair-close").addEventListener("click", () => pair.close());
  pair.addEventListener("close", () => choose(false));

  the("drawings").addEventListener("click", (event) => {
    const picture = event.target instanceof Element && /** @type {HTMLElement | null} */ (event.target.closest(".picture"));
    if (!picture) return;
    if (!choosing()) return show(picture);
    if (chosen[0] === picture) return choose(true);
    chosen.push(picture);
    cardOf(picture).classList.add("chosen");
    if (chosen.length === 2) showPair(chosen[0], chosen[1]);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && choosing() && !pair.open) choose(false);
    if (event.key === "/" && !(event.target instanceof HTMLInputElement) && !large.open && !pair.open) { event.preventDefault(); search.focus(); }
  });

  // Copy

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element && /** @type {HTMLElement | null} */ (event.target.closest("[data-copy]"));
    if (!button) return;
    const card = large.open && shown ? cardOf(shown) : cardOf(button);
    const text = card.querySelector(button.dataset.copy === "cell" ? ".cell" : ".prompt")?.textContent || "";
    const label = button.textContent;
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
    const card = document.getElementById(`@${location.hash.match(/^#(?:@|%40)(\d+)$/)?.[1]}`);
    if (!card) return;
    card.hidden = false;
    const section = card.closest("section");
    if (section) section.hidden = false;
    card.scrollIntoView({ block: "center" });
    /** @type {HTMLElement | null} */ (card.querySelector(".picture"))?.focus();
  };
  addEventListener("hashchange", () => { if (large.open) large.close(); arrive(); });
  // After the browser's own jump to the fragment, which takes the focus away.
  if (location.hash) addEventListener("load", () => setTimeout(arrive, 50));
  if (!cards().length) the("none").hidden = false;
})();
