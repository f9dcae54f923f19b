// @ts-check
/** What is being drawn, and what came of it. */

import { make } from "./dom.js";

/** @typedef {import("./types").Model} Model */

/** 16 × 16, one stroke each. @type {Record<string, string>} */
const ICONS = {
  edit: "M3 13l1-3.5L11 2.5l2.5 2.5L6.5 12z",
  again: "M13 8a5 5 0 1 1-1.5-3.5M13 2v3h-3",
  reference: "M2.5 3.5h11v9h-11zM3 11l3-3 2.5 2.5L10.5 8l3 3",
  compare: "M8 2v12M2.5 4H6v8H2.5zM10 4h3.5v8H10z",
  mask: "M3 13c2.5 0 2-2.5 3.5-3l1 1C7 13 5 13.5 3 13zM7.5 10L13 3.5",
  star: "M8 2l1.8 3.8 4.2.5-3.1 2.8.9 4.1L8 11.2l-3.8 2 .9-4.1L2 6.3l4.2-.5z",
  copy: "M5.5 5.5h8v8h-8zM3 10.5H2.5v-8h8V3",
  save: "M8 2v8M5 7.5L8 10.5l3-3M3 13.5h10",
  cell: "M2.5 3.5h11v9h-11zM8 6v4M6 8h4",
  keep: "M4.5 2.5h7v11L8 10.5l-3.5 3z",
  code: "M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5",
};

/** @param {string} name */
function icon(name) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawn.setAttribute("viewBox", "0 0 16 16");
  drawn.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  drawn.append(path);
  return drawn;
}

/** @param {import("./types").Place} place */
function render({ model, el }) {
  const words = () => model.get("words");
  el.classList.add("nbext-part", "nbext-stage");
  /** @type {Map<string, {row: HTMLElement, began: number, over: boolean}>} */
  const jobs = new Map();
  /** @type {string[]} */
  let urls = [];
  /** @type {any} */
  let shown = null;

  const list = make("div", { class: "nbext-jobs" });
  const result = make("div", { class: "nbext-result" });
  const status = make("p", { class: "nbext-said", role: "status" });
  const large = make("dialog", { class: "nbext-large" });
  el.append(list, result, status, large);
  large.addEventListener("click", () => large.close());

  /** @param {string} name */
  const act = (name, more = {}) =>
    model.send({ do: "act", name, id: shown?.id, index: shown?.index, ...more });

  // Jobs

  /** @param {any} said */
  function job(said) {
    let known = jobs.get(said.id);
    if (!known) {
      const row = make(
        "div",
        { class: "nbext-job", role: "group", "aria-label": said.prompt },
        make("img", { alt: "", hidden: true }),
        make(
          "div",
          { class: "nbext-job-text" },
          make("div", { class: "nbext-job-head" }, make("b"), make("span", { class: "nbext-by" }), make("span", { class: "nbext-time" })),
          make("div", { class: "nbext-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, make("i")),
          make("div", { class: "nbext-job-words" }),
          make("div", { class: "nbext-remedy" }),
        ),
        make("div", { class: "nbext-job-buttons" }),
      );
      known = { row, began: Date.now() - said.elapsed * 1000, over: false };
      jobs.set(said.id, known);
      list.prepend(row);
    }
    const { row } = known;
    known.over = said.state !== "running";
    /** @param {string} name @returns {any} */
    const part = (name) => row.querySelector(name);
    // What is drawn, first: several of one model look alike otherwise.
    part("b").textContent = part("b").title = said.prompt;
    part(".nbext-by").textContent = part(".nbext-by").title = said.model;
    part(".nbext-job-words").textContent = said.words;
    part(".nbext-remedy").textContent = said.remedy ?? "";
    part(".nbext-time").textContent = `${said.elapsed.toFixed(said.elapsed < 10 ? 1 : 0)} s`;
    const bar = part(".nbext-bar");
    bar.hidden = known.over;
    bar.setAttribute("aria-label", said.words);
    bar.classList.toggle("nbext-unknown", said.percent == null);
    if (said.percent == null) bar.removeAttribute("aria-valuenow");
    else bar.setAttribute("aria-valuenow", String(Math.round(said.percent)));
    bar.firstChild.style.width = said.percent == null ? "" : `${said.percent}%`;
    row.classList.toggle("nbext-failed", said.state === "failed");
    if (row.dataset.state !== said.state) {
      row.dataset.state = said.state;
      const buttons = part(".nbext-job-buttons");
      /** @param {string} name @param {string} label */
      const button = (name, label) =>
        make("button", { type: "button", "aria-label": `${label}: ${said.prompt}`, onclick: () => model.send({ do: name, id: said.id }) }, label);
      if (known.over) {
        row.setAttribute("role", "alert");
        buttons.replaceChildren(button("retry", words().try_again), button("dismiss", words().dismiss));
      } else buttons.replaceChildren(button("cancel", words().cancel));
    }
  }

  /** @param {any} said @param {any[]} buffers */
  function preview(said, buffers) {
    const image = jobs.get(said.id)?.row.querySelector("img");
    if (!image) return;
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(new Blob([buffers[0]]));
    image.hidden = false;
  }

  /** @param {any} said */
  function gone(said) {
    const known = jobs.get(said.id);
    if (known?.row.contains(document.activeElement)) result.querySelector("button")?.focus();
    known?.row.remove();
    jobs.delete(said.id);
  }

  const ticking = setInterval(() => {
    for (const { row, began, over } of jobs.values()) {
      if (over) continue;
      const seconds = (Date.now() - began) / 1000;
      /** @type {any} */ (row.querySelector(".nbext-time")).textContent =
        `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
    }
  }, 200);

  // The result

  /** @param {string} name @param {string} label */
  const button = (name, label, how = {}) =>
    make("button", { type: "button", class: "nbext-act", "data-act": name, onclick: () => act(name), ...how }, icon(name), label);

  /** @param {any} drawing @param {any[]} buffers */
  function show(drawing, buffers) {
    const focused = result.contains(document.activeElement)
      ? /** @type {HTMLElement} */ (document.activeElement).dataset.act
      : null;
    const opened = new Set([...result.querySelectorAll("details[open]")].map((one) => one.className));
    urls.forEach((url) => URL.revokeObjectURL(url));
    urls = buffers.map((buffer) => URL.createObjectURL(new Blob([buffer])));
    shown = drawing;
    const w = words();
    if (!drawing) {
      result.replaceChildren(make("p", { class: "nbext-empty" }, w.empty));
      return;
    }
    const chosen = drawing.chosen;
    const image = make("img", { alt: drawing.prompt, src: urls[0] ?? "" });
    const picture = make(
      "button",
      { type: "button", class: "nbext-picture", "data-act": "large", "aria-label": `${w.large}: ${drawing.prompt}`, onclick: enlarge },
      image,
    );
    const takes = make("div", { class: "nbext-takes" });
    if (drawing.pictures.length > 1) {
      drawing.pictures.forEach((/** @type {any} */ item, /** @type {number} */ i) =>
        takes.append(
          make(
            "button",
            { type: "button", "data-act": `take${i}`, "aria-pressed": i === chosen, "aria-label": `${w.take.replace("{number}", i + 1)} (${item.name})`, onclick: () => pick(item) },
            make("img", { alt: "", src: urls[i + 1] ?? "" }),
          ),
        ),
      );
    }
    const language = make("select", { "aria-label": w.code }, make("option", { value: "" }, w.code));
    for (const name of drawing.languages) language.append(make("option", { value: name }, name));
    language.addEventListener("change", () => {
      if (language.value) act("code", { language: language.value });
    });
    const has = drawing.pictures.length > 0;
    const actions = make(
      "div",
      { class: "nbext-actions", role: "group", "aria-label": drawing.caption },
      ...(has && drawing.live ? [button("edit", w.edit)] : []),
      ...(drawing.live ? [button("again", w.again)] : []),
      ...(has && drawing.live ? [button("reference", w.reference)] : []),
      ...(has && drawing.masks && drawing.live ? [button("mask", w.mask)] : []),
      ...(has ? [button("compare", w.compare)] : []),
      ...(drawing.live ? [button("star", drawing.starred ? w.unstar : w.star, { "aria-pressed": drawing.starred })] : []),
      ...(has ? [button("save", w.save)] : []),
      ...(has && drawing.cells ? [button("keep", w.keep, { title: w.keep_hint })] : []),
      ...(drawing.cells ? [button("cell", w.cell)] : []),
      button("copy", w.copy),
      make("label", { class: "nbext-act" }, icon("code"), language),
    );
    /** @param {string} name @param {string} title @param {...(Node | string)} inside */
    const folded = (name, title, ...inside) =>
      make("details", { class: name, open: opened.has(name) ? "" : null }, make("summary", {}, title), ...inside);
    const facts = make("dl", { tabindex: 0 });
    for (const [name, value] of drawing.details) facts.append(make("dt", {}, name), make("dd", {}, value));
    /** @param {string} label @param {any[]} others */
    const relatives = (label, others) =>
      others.length
        ? [make("p", { class: "nbext-relatives" }, `${label} `, ...others.map((o) => make("button", { type: "button", title: o.prompt, onclick: () => model.send({ do: "open", id: o.id }) }, o.name)))]
        : [];
    result.replaceChildren(
      ...(has ? [make("div", { class: "nbext-shown" }, picture, takes)] : []),
      make("p", { class: "nbext-prompt-said" }, drawing.prompt),
      make("p", { class: "nbext-caption" }, drawing.caption),
      ...(drawing.error ? [make("p", { class: "nbext-error" }, drawing.error)] : []),
      ...(drawing.text ? [make("p", { class: "nbext-text" }, drawing.text)] : []),
      actions,
      ...relatives(w.comes_from, drawing.parents),
      ...relatives(w.led_to, drawing.children),
      ...(drawing.family.length ? [folded("nbext-family", w.family.replace("{count}", drawing.family.length), family(drawing))] : []),
      ...(drawing.live ? [folded("nbext-notes", annotated(drawing), annotations(drawing))] : []),
      folded("nbext-facts", w.details, facts),
    );
    if (focused) result.querySelector(`[data-act="${focused}"]`)?.focus();
  }

  /** @param {any} drawing */
  const family = (drawing) =>
    make(
      "ul",
      {},
      ...drawing.family.map((/** @type {any} */ one) => {
        const row = make("li", {}, make("button", { type: "button", "aria-current": one.here, onclick: () => model.send({ do: "open", id: one.id }) }, one.name), ` ${one.prompt}`);
        row.style.paddingInlineStart = `${one.depth * 18}px`;
        return row;
      }),
    );

  /** @param {any} drawing */
  const annotated = (drawing) => [words().annotations, ...drawing.tags, drawing.note].filter(Boolean).join(" · ");

  /** @param {any} drawing */
  function annotations(drawing) {
    const tags = make("input", { "data-act": "tags", value: drawing.tags.join(", ") });
    const note = make("textarea", { "data-act": "note", rows: 2 }, drawing.note);
    for (const field of [tags, note])
      field.addEventListener("change", () => act("annotate", { tags: tags.value, note: note.value }));
    return make("div", {}, make("label", {}, words().tags, tags), make("label", {}, words().note, note));
  }

  /** @param {any} item */
  const pick = (item) => model.send({ do: "pick", id: item.id, index: item.index });

  function enlarge() {
    large.replaceChildren(
      make("img", { src: urls[0], alt: shown.prompt }),
      make("button", { type: "button", autofocus: true }, words().close),
    );
    large.setAttribute("aria-label", shown.caption);
    large.showModal();
  }

  /** @param {any} said */
  function code(said) {
    result.querySelector(".nbext-coded")?.remove();
    const w = words();
    const select = result.querySelector(".nbext-actions select");
    function close() {
      block.remove();
      select.value = "";
      select.focus();
    }
    const block = make(
      "div",
      { class: "nbext-coded" },
      make(
        "div",
        { class: "nbext-actions", role: "group", "aria-label": w.code },
        make("button", { type: "button", onclick: () => act("code", { language: said.language, copy: true }) }, w.copy_code),
        make("button", { type: "button", onclick: close }, w.close),
      ),
      make("pre", { class: "nbext-code", tabindex: 0, "aria-label": w.code }, said.text),
    );
    result.querySelector(".nbext-actions").after(block);
  }

  /** @param {any} said @param {any[]} buffers */
  function heard(said, buffers) {
    if (said.do === "job") job(said);
    else if (said.do === "preview") preview(said, buffers);
    else if (said.do === "gone") gone(said);
    else if (said.do === "show") show(said.drawing, buffers);
    else if (said.do === "code") code(said);
    else if (said.do === "annotated" && said.id === shown?.id)
      result.querySelector(".nbext-notes summary")?.replaceChildren(annotated(said));
    else if (said.do === "say") {
      status.textContent = said.text;
      status.classList.toggle("nbext-error", !!said.error);
      status.setAttribute("role", said.error ? "alert" : "status");
    }
  }

  show(null, []);
  model.on("msg:custom", heard);
  const renew = () => model.send({ do: "hello" });
  model.on("change:words", renew);
  renew();
  return () => {
    clearInterval(ticking);
    model.off("msg:custom", heard);
    model.off("change:words", renew);
    urls.forEach((url) => URL.revokeObjectURL(url));
  };
}

export default { render };
