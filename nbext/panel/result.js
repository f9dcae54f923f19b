// @ts-check
/** What is being drawn, and what came of it. */

import { focused, make } from "./dom.js";
import { modelGrid } from "./grid.js";
import { jobList } from "./jobs.js";
import { largeView } from "./large.js";

/** 16 × 16, one stroke each. @type {Record<string, string>} */
const ICONS = {
  edit: "M3 13l1-3.5L11 2.5l2.5 2.5L6.5 12z",
  again: "M13 8a5 5 0 1 1-1.5-3.5M13 2v3h-3",
  reference: "M2.5 3.5h11v9h-11zM3 11l3-3 2.5 2.5L10.5 8l3 3",
  reuse: "M2 4.5h6M11 4.5h3M9.5 3v3M2 11.5h3M8 11.5h6M6.5 10v3",
  compare: "M8 2v12M2.5 4H6v8H2.5zM10 4h3.5v8H10z",
  mask: "M3 13c2.5 0 2-2.5 3.5-3l1 1C7 13 5 13.5 3 13zM7.5 10L13 3.5",
  star: "M8 2l1.8 3.8 4.2.5-3.1 2.8.9 4.1L8 11.2l-3.8 2 .9-4.1L2 6.3l4.2-.5z",
  copy: "M5.5 5.5h8v8h-8zM3 10.5H2.5v-8h8V3",
  save: "M8 2v8M5 7.5L8 10.5l3-3M3 13.5h10",
  cell: "M2.5 3.5h11v9h-11zM8 6v4M6 8h4",
  keep: "M4.5 2.5h7v11L8 10.5l-3.5 3z",
  code: "M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5",
  grid: "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z",
  menu: "M3.5 8h.01M8 8h.01M12.5 8h.01",
};

/** @param {string} name */
function icon(name) {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 16 16");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  picture.append(path);
  return picture;
}

/** @param {import("./types").Place} place */
function render({ model, el }) {
  const words = () => model.get("words");
  el.classList.add("nbext-part", "nbext-stage");
  /** @type {string[]} */
  let urls = [];
  /** @type {any} */
  let shown = null;

  const canvas = make("div", { class: "nbext-canvas" });
  const result = make("div", { class: "nbext-result" });
  const status = make("p", { class: "nbext-said", role: "status" });
  /** @param {string} name */
  const focus = (name) => /** @type {HTMLElement | null} */ (el.querySelector(`[data-act=${name}]`))?.focus({ preventScroll: true });
  const jobs = jobList(model, () => result.querySelector("button")?.focus());
  const grid = modelGrid(model);
  const large = largeView(model, () => focus("large"));
  el.append(make("div", { class: "nbext-view-of-it" }, canvas, jobs.list), result, large.dialog);

  /** @param {string} name */
  const act = (name, more = {}) =>
    model.send({ do: "act", name, id: shown?.id, index: shown?.index, ...more });

  /** What a click does, and the second one of a double click does not do again. @param {string} name */
  const once = (name) => (/** @type {MouseEvent} */ event) => event.detail < 2 && act(name);

  /** @param {string} name @param {string} label */
  const button = (name, label, how = {}) =>
    make("button", { type: "button", class: "nbext-act", "data-act": name, onclick: once(name), ...how }, icon(name), label);

  /** A button of which one sees only the picture. @param {string} name @param {string} label */
  const iconButton = (name, label, how = {}) =>
    make("button", { type: "button", class: "nbext-act nbext-icon", "data-act": name, "aria-label": label, title: label, onclick: once(name), ...how }, icon(name));

  /** What is needed less often, with its words. @param {any} drawing */
  function menu(drawing) {
    const w = words();
    const language = make("select", { "aria-label": w.code }, make("option", { value: "" }, w.code));
    for (const name of drawing.languages) language.append(make("option", { value: name }, name));
    language.addEventListener("change", () => {
      if (language.value) act("code", { language: language.value });
    });
    const list = make(
      "div",
      { class: "nbext-list" },
      button("copy", w.copy),
      ...(drawing.cells ? [button("cell", w.cell)] : []),
      ...(drawing.pictures.length && drawing.cells ? [button("keep", w.keep, { title: w.keep_hint })] : []),
      make("label", { class: "nbext-act" }, icon("code"), language),
    );
    const folded = make("details", { class: "nbext-menu" }, make("summary", { class: "nbext-act nbext-icon", "aria-label": w.menu, title: w.menu }, icon("menu")), list);
    const summary = folded.firstChild;
    list.addEventListener("click", (/** @type {MouseEvent} */ event) => {
      if (event.target instanceof Element && event.target.closest("button")) folded.open = false;
    });
    list.addEventListener("change", () => (folded.open = false));
    folded.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape" || !folded.open) return;
      event.stopPropagation();
      folded.open = false;
      summary.focus();
    });
    folded.addEventListener("focusout", (/** @type {FocusEvent} */ event) => {
      if (event.relatedTarget instanceof Node && !folded.contains(event.relatedTarget)) folded.open = false;
    });
    return folded;
  }

  /** @param {any} drawing */
  function actions(drawing) {
    const w = words();
    const { live } = drawing;
    const has = drawing.pictures.length > 0;
    /** @param {any} on @param {() => any} one */
    const when = (on, one) => (on ? [one()] : []);
    return make(
      "div",
      { class: "nbext-actions", role: "group", "aria-label": drawing.caption },
      ...when(has && live, () => button("edit", w.edit)),
      ...when(live, () => button("again", w.again)),
      ...when(drawing.saves, () => button("save", w.save)),
      make(
        "span",
        { class: "nbext-icons" },
        ...when(live, () => iconButton("star", drawing.starred ? w.unstar : w.star, { "aria-pressed": drawing.starred })),
        ...when(has && live, () => iconButton("reference", w.reference)),
        ...when(live, () => iconButton("reuse", w.reuse)),
        ...when(has && live && drawing.masks, () => iconButton("mask", w.mask)),
        ...when(has, () => iconButton("compare", w.compare)),
        ...when(drawing.grid, () => iconButton("grid", w.grid, { onclick: () => model.send({ do: "see_grid" }) })),
        menu(drawing),
      ),
    );
  }

  /** Players of films and sounds, and the paths of other files. @param {any} drawing */
  const players = (drawing) => {
    const playable = drawing.media.filter((/** @type {any} */ one) => one.type);
    const first = urls.length - playable.length;
    return drawing.media.map((/** @type {any} */ one) =>
      one.type
        ? make(one.type.startsWith("video/") ? "video" : "audio", { controls: "", preload: "metadata", "aria-label": drawing.prompt, src: urls[first + playable.indexOf(one)] })
        : make("p", { class: "nbext-path" }, drawing.error.includes(one.path) ? "" : one.path),
    );
  };

  /** What stands where a picture would. @param {any} drawing */
  const plate = (drawing) => [
    ...(drawing.error ? [make("p", { class: "nbext-error" }, drawing.error)] : []),
    ...(drawing.text ? [make("p", { class: "nbext-text", tabindex: 0 }, drawing.text)] : []),
    ...players(drawing),
  ];

  /** @param {any} drawing */
  function picture(drawing) {
    const w = words();
    const image = make("img", { alt: drawing.prompt, src: urls[0] ?? "" });
    const opener = make(
      "button",
      { type: "button", class: "nbext-picture", "data-act": "large", "aria-label": `${w.large}: ${drawing.prompt}`, onclick: () => large.open(shown, urls[0]) },
      image,
    );
    image.addEventListener("dragstart", (/** @type {DragEvent} */ event) => {
      event.dataTransfer?.setData("application/x-nbext", JSON.stringify([drawing.id]));
      if (urls[0]) event.dataTransfer?.setData("DownloadURL", `image/webp:${drawing.file}:${urls[0]}`);
    });
    const takes = make("div", { class: "nbext-takes" });
    if (drawing.pictures.length > 1)
      drawing.pictures.forEach((/** @type {any} */ item, /** @type {number} */ i) =>
        takes.append(
          make(
            "button",
            { type: "button", "data-act": `take${i}`, "aria-pressed": i === drawing.chosen, "aria-label": `${w.take.replace("{number}", i + 1)} (${item.name})`, onclick: () => model.send({ do: "pick", id: item.id, index: item.index }) },
            make("img", { alt: "", src: urls[i + 1] ?? "" }),
          ),
        ),
      );
    return make("div", { class: "nbext-shown" }, opener, takes);
  }

  /** @param {any} drawing @param {any[]} buffers @param {boolean} [beside] Whether the grid is shown in its place. */
  function show(drawing, buffers, beside = false) {
    const active = focused(el);
    const before = el.contains(active) && !large.dialog.contains(active) && active?.dataset.act;
    /** @type {any} */
    const field = drawing?.id === shown?.id && before && active;
    const opened = new Set([...result.querySelectorAll("details[open]")].map((one) => one.className));
    urls.forEach((url) => URL.revokeObjectURL(url));
    const played = drawing ? drawing.media.filter((/** @type {any} */ one) => one.type) : [];
    const pictures = buffers.length - played.length;
    urls = buffers.map((buffer, i) => URL.createObjectURL(new Blob([buffer], i < pictures ? {} : { type: played[i - pictures].type })));
    shown = drawing;
    const w = words();
    large.follow(drawing, urls[0]);
    if (beside) {
      canvas.replaceChildren(grid.root);
      result.replaceChildren(make("p", { class: "nbext-caption" }, w.grid_hint), status);
      return;
    }
    if (!drawing) {
      canvas.replaceChildren(make("p", { class: "nbext-empty" }, w.empty));
      result.replaceChildren(status);
      return;
    }
    canvas.replaceChildren(...(drawing.pictures.length ? [picture(drawing)] : [make("div", { class: "nbext-plate" }, ...plate(drawing))]));
    /** @param {string} name @param {string} title @param {...(Node | string)} inside */
    const folded = (name, title, ...inside) =>
      make("details", { class: name, open: opened.has(name) ? "" : null }, make("summary", {}, title), ...inside);
    const facts = make("dl", { tabindex: 0, "aria-label": w.details });
    for (const [name, value] of drawing.details) facts.append(make("div", {}, make("dt", {}, name), make("dd", {}, value)));
    /** @param {string} label @param {any[]} others */
    const relatives = (label, others) =>
      others.length
        ? [make("p", { class: "nbext-relatives" }, `${label} `, ...others.map((o) => make("button", { type: "button", title: o.prompt, onclick: () => model.send({ do: "open", id: o.id }) }, o.name)))]
        : [];
    result.replaceChildren(
      make("p", { class: "nbext-prompt-said", tabindex: 0, "aria-label": w.prompt }, drawing.prompt),
      make("p", { class: "nbext-caption" }, drawing.caption),
      ...(drawing.pictures.length ? plate(drawing) : []),
      actions(drawing),
      status,
      ...relatives(w.comes_from, drawing.parents),
      ...relatives(w.led_to, drawing.children),
      ...(drawing.family.length ? [folded("nbext-family", w.family.replace("{count}", drawing.family.length), family(drawing))] : []),
      ...(drawing.live ? [folded("nbext-notes", annotated(drawing), annotations(drawing))] : []),
      folded("nbext-facts", w.details, facts),
    );
    if (before) focus(before);
    // Somebody is writing in it.
    if (field?.value !== field?.defaultValue) result.querySelector(`[data-act=${before}]`).value = field.value;
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

  /** @param {any} message */
  function code(message) {
    result.querySelector(".nbext-coded")?.remove();
    const w = words();
    const select = result.querySelector(".nbext-actions select");
    function close() {
      block.remove();
      select.value = "";
      result.querySelector(".nbext-menu summary").focus();
    }
    const block = make(
      "div",
      { class: "nbext-coded" },
      make(
        "div",
        { class: "nbext-actions", role: "group", "aria-label": w.code },
        make("button", { type: "button", onclick: () => act("code", { language: message.language, copy: true }) }, w.copy_code),
        make("button", { type: "button", onclick: close }, w.close),
      ),
      make("pre", { class: "nbext-code", tabindex: 0, "aria-label": w.code }, message.text),
    );
    result.querySelector(".nbext-actions").after(block);
  }

  /** Each message of the kernel. @type {Record<string, (message: any, buffers: any[]) => void>} */
  const MESSAGES = {
    job: (message) => grid.follows(message) || jobs.update(message),
    grid: grid.show,
    filled: grid.filled,
    over: grid.over,
    preview: jobs.preview,
    gone: jobs.remove,
    show: (message, buffers) => show(message.drawing, buffers, message.grid),
    whole: large.whole,
    code,
    annotated(message) {
      if (message.id === shown?.id) result.querySelector(".nbext-notes summary")?.replaceChildren(annotated(message));
    },
    say(message) {
      status.textContent = message.text;
      status.classList.toggle("nbext-error", !!message.error);
      status.setAttribute("role", message.error ? "alert" : "status");
    },
  };

  /** @param {any} message @param {any[]} buffers */
  const heard = (message, buffers) => MESSAGES[message.do]?.(message, buffers);
  /** A menu closes where one presses beside it. @param {PointerEvent} event */
  const elsewhere = (event) => {
    const open = result.querySelector(".nbext-menu[open]");
    if (open && !event.composedPath().includes(open)) open.open = false;
  };
  function renew() {
    large.name();
    model.send({ do: "hello" });
  }

  show(null, []);
  model.on("msg:custom", heard);
  model.on("change:words", renew);
  document.addEventListener("pointerdown", elsewhere);
  renew();
  return () => {
    jobs.stop();
    grid.stop();
    large.stop();
    document.removeEventListener("pointerdown", elsewhere);
    model.off("msg:custom", heard);
    model.off("change:words", renew);
    urls.forEach((url) => URL.revokeObjectURL(url));
  };
}

export default { render };
