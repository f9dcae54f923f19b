// @ts-check
/** Takes pictures that are dropped, pasted or chosen, and sends them in acknowledged pieces. */

import { focused, make } from "./dom.js";

const PIECE = 1 << 20;
const PATIENCE = 15000;
/** What the history gives to a drop: the ids of drawings. */
const DRAWINGS = "application/x-nbext";

/** @param {import("./types").Place} place */
function render({ model, el }) {
  const words = () => model.get("words");
  el.classList.add("nbext-part", "nbext-dropzone");
  const strip = make("div", { class: "nbext-strip", role: "list" });
  const input = make("input", { type: "file", accept: "image/*", tabindex: -1, class: "nbext-file" });
  input.multiple = true;
  input.setAttribute("aria-hidden", "true");
  const choose = make("button", { type: "button", class: "nbext-choose", onclick: () => input.click() });
  const line = make("span");
  const status = make("p", { class: "nbext-said", role: "status" });
  const bar = make("progress", { class: "nbext-upload", max: 1, hidden: true });
  const label = make("span", { class: "nbext-label" });
  el.append(label, make("div", { class: "nbext-drop" }, strip, line, choose, input), bar, status);
  /** @type {string[]} */
  let urls = [];
  /** @type {Map<string, (ok: boolean) => void>} */
  const waiting = new Map();
  /** @type {Map<string, number>} */
  const moving = new Map();
  /** Files that are there whole, and whose pictures are being made. @type {Set<string>} */
  const reading = new Set();
  /** What was not taken, until something else is given. @type {string[]} */
  let refused = [];
  /** What was taken and cannot be shown. @type {string[]} */
  let broken = [];

  function name() {
    label.textContent = words().references;
    line.textContent = words().drop;
    choose.textContent = words().choose;
    input.setAttribute("aria-label", words().choose);
    model.send({ do: "hello" });
  }

  function tell() {
    const wrong = [...refused, ...broken].join(" ");
    const files = [...moving].map(([file, done]) => `${file} ${Math.round(done * 100)} %`);
    const under = [...files, ...[...reading].map((file) => words().reading.replace("{name}", file))].join(" · ");
    const [share] = moving.values();
    bar.hidden = !under;
    bar.setAttribute("aria-label", under);
    if (share === undefined) bar.removeAttribute("value");
    else bar.value = share;
    status.textContent = under || wrong;
    status.classList.toggle("nbext-error", !under);
  }

  /** @param {string} text Empty to begin anew. */
  function complain(text) {
    refused = text ? [...refused, text] : [];
    tell();
  }

  /**
   * @param {string} id
   * @param {string} file
   * @returns {Promise<boolean>} Whether the piece was taken; the next one is not wanted otherwise.
   */
  const taken = (id, file) =>
    new Promise((done) => {
      const late = setTimeout(() => {
        complain(words().unanswered.replace("{name}", file));
        done(false);
      }, PATIENCE);
      waiting.set(id, (ok) => {
        clearTimeout(late);
        done(ok);
      });
    });

  /** @param {File} file */
  async function send(file) {
    const limit = model.get("limit");
    if (file.type && !file.type.startsWith("image/"))
      return complain(words().no_picture.replace("{name}", file.name));
    if (file.size > limit)
      return complain(words().too_large.replace("{name}", file.name).replace("{limit}", limit >> 20));
    const id = `${Date.now()}-${Math.random()}`;
    let ok = true;
    for (let at = 0; at < file.size || at === 0; at += PIECE) {
      moving.set(file.name, at / file.size);
      tell();
      const piece = await file.slice(at, at + PIECE).arrayBuffer();
      const answer = taken(id, file.name);
      model.send({ do: "piece", id, name: file.name, at, total: file.size }, undefined, [piece]);
      if (at + PIECE >= file.size) {
        moving.delete(file.name);
        reading.add(file.name);
        tell();
      }
      ok = await answer;
      waiting.delete(id);
      if (!ok) break;
    }
    moving.delete(file.name);
    if (!ok) reading.delete(file.name);
    tell();
  }

  /** @param {Iterable<File>} files */
  async function all(files) {
    complain("");
    for (const file of [...files]) await send(file);
  }

  /** @param {any} message @param {any[]} buffers */
  function heard(message, buffers) {
    if (message.do === "taken") waiting.get(message.id)?.(message.ok);
    else if (message.do === "complain") complain(message.text);
    else if (message.do === "strip") draw(message.items, buffers);
  }

  /** @param {any[]} items @param {any[]} buffers */
  function draw(items, buffers) {
    const within = strip.contains(focused(strip));
    urls.forEach((url) => URL.revokeObjectURL(url));
    urls = buffers.map((buffer) => URL.createObjectURL(new Blob([buffer])));
    strip.replaceChildren(
      ...items.map((item, i) =>
        make(
          "div",
          { role: "listitem", class: "nbext-reference", title: item.error || item.name },
          item.error
            ? make("span", { class: "nbext-broken", role: "img", "aria-label": item.name }, "!")
            : make("img", { alt: item.name, src: urls[i] }),
          ...(item.mask ? [make("span", { class: "nbext-badge" }, words().mask_on)] : []),
          make(
            "button",
            { type: "button", "aria-label": words().remove.replace("{name}", item.name), onclick: () => model.send({ do: "remove", index: i }) },
            "×",
          ),
        ),
      ),
    );
    strip.hidden = !items.length;
    for (const item of items) reading.delete(item.name);
    broken = items.map((item) => item.error).filter(Boolean);
    tell();
    if (within) (strip.querySelector("button") ?? choose).focus();
  }

  /** @param {DataTransfer | null} data */
  const pictures = (data) => [...(data?.files ?? [])];
  /** @type {HTMLElement} */
  let area = el;

  /** @param {DragEvent} event */
  function over(event) {
    if (!event.dataTransfer?.types.some((type) => type === "Files" || type === DRAWINGS)) return;
    event.preventDefault();
    event.stopPropagation();
    el.classList.add("nbext-over");
  }
  /** @param {DragEvent} event */
  function leave(event) {
    if (!area.contains(/** @type {Node | null} */ (event.relatedTarget))) el.classList.remove("nbext-over");
  }
  /** @param {DragEvent} event */
  function drop(event) {
    el.classList.remove("nbext-over");
    const files = pictures(event.dataTransfer);
    const drawings = event.dataTransfer?.getData(DRAWINGS);
    if (!files.length && !drawings) return;
    event.preventDefault();
    event.stopPropagation();
    if (drawings) model.send({ do: "refer", ids: JSON.parse(drawings) });
    else all(files);
  }
  /** @param {ClipboardEvent} event */
  function paste(event) {
    const files = pictures(event.clipboardData).filter((file) => file.type.startsWith("image/"));
    if (!files.length) return;
    event.preventDefault();
    event.stopPropagation();
    all(files);
  }

  input.addEventListener("change", () => {
    all(input.files).then(() => {
      input.value = "";
    });
  });
  /** @type {[string, (event: any) => void][]} */
  const listeners = [["dragover", over], ["dragleave", leave], ["drop", drop], ["paste", paste]];
  const attach = requestAnimationFrame(() => {
    // Anywhere in the panel will do for a drop, and for a paste while the prompt has the focus.
    area = el.closest(".nbext-panel") ?? el;
    if (area === el) el.tabIndex = 0;
    for (const [kind, listener] of listeners) area.addEventListener(kind, listener);
  });
  model.on("msg:custom", heard);
  model.on("change:words", name);
  name();
  return () => {
    cancelAnimationFrame(attach);
    for (const [kind, listener] of listeners) area.removeEventListener(kind, listener);
    model.off("msg:custom", heard);
    model.off("change:words", name);
    urls.forEach((url) => URL.revokeObjectURL(url));
  };
}

export default { render };
