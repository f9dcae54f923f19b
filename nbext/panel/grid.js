// @ts-check
/** Prompts by models: what several models make of a prompt, side by side as it comes. */

import { make } from "./dom.js";

/** @param {import("./types").Model} model */
export function modelGrid(model) {
  const words = () => model.get("words");
  const root = make("div", { class: "nbext-grid", role: "table" });
  /** Cells by the job that fills them. @type {Map<string, any>} */
  const cells = new Map();
  /** Pictures by the drawing. @type {Map<string, string>} */
  const urls = new Map();

  /** @param {string} does @param {string} label @param {string} id */
  const button = (does, label, id) => make("button", { type: "button", onclick: () => model.send({ do: does, id }) }, label);

  /** @param {string} id @param {string} name */
  function picture(id, name) {
    const cell = make("button", { type: "button", class: "nbext-grid-picture", "data-drawing": id, "aria-label": name, onclick: () => model.send({ do: "open", id }) });
    if (urls.has(id)) cell.append(make("img", { alt: "", src: urls.get(id) }));
    cell.append(make("span", { class: "nbext-number" }, name));
    return cell;
  }

  /** @param {any} known */
  function cellOf(known) {
    const cell = make("div", { role: "cell", class: "nbext-grid-cell" });
    cells.set(known.job, cell);
    const running = !known.error && !known.drawings.length;
    if (running) cell.append(make("div", { class: "nbext-bar nbext-unknown" }, make("i")), make("small", {}, ""), button("cancel", words().cancel, known.job));
    if (known.error) fail(cell, known.error, known.job);
    return cell;
  }

  /** @param {any} cell @param {string} error @param {string} job */
  function fail(cell, error, job) {
    cell.replaceChildren(...cell.querySelectorAll(".nbext-grid-picture"), make("p", { class: "nbext-error", title: error }, error), button("retry", words().try_again, job));
  }

  return {
    root,
    /** @param {any} message */
    show(message) {
      cells.clear();
      root.style.setProperty("--models", String(message.models.length));
      const heads = message.models.map((/** @type {string} */ name) => make("b", { role: "columnheader", title: name }, name));
      const head = make("div", { role: "row", class: "nbext-grid-row" }, ...heads);
      root.replaceChildren(
        head,
        ...message.rows.flatMap((/** @type {any} */ row) => [
          make("p", { class: "nbext-grid-prompt", title: row.prompt }, row.prompt),
          make(
            "div",
            { role: "row", class: "nbext-grid-row", "aria-label": row.prompt },
            ...message.models.map((/** @type {string} */ name) => (row.cells[name] ? cellOf(row.cells[name]) : make("div", { role: "cell" }))),
          ),
        ]),
      );
    },
    /** Whether a job fills a cell, which then shows how far it is. @param {any} message */
    follows(message) {
      const cell = cells.get(message.id);
      const bar = cell?.querySelector(".nbext-bar");
      if (!bar) return !!cell;
      bar.classList.toggle("nbext-unknown", message.percent == null);
      bar.firstChild.style.width = message.percent == null ? "" : `${message.percent}%`;
      cell.querySelector("small").textContent = message.words;
      return true;
    },
    /** A drawing has come. @param {any} message @param {any[]} buffers */
    filled(message, buffers) {
      const cell = cells.get(message.job);
      if (!cell || cell.querySelector(`[data-drawing="${message.id}"]`)) return;
      if (!urls.has(message.id) && buffers[0]?.byteLength) urls.set(message.id, URL.createObjectURL(new Blob([buffers[0]])));
      if (!cell.querySelector(".nbext-grid-picture")) cell.replaceChildren();
      cell.append(picture(message.id, message.name));
    },
    /** Nothing more comes. @param {any} message */
    over(message) {
      const cell = cells.get(message.job);
      if (cell && message.error) fail(cell, message.error, message.job);
    },
    stop() {
      for (const url of urls.values()) URL.revokeObjectURL(url);
    },
  };
}
