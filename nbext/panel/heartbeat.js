// @ts-check
/** Notices when the kernel is gone, and does for the panel what only the page can do. */

import { call } from "./dom.js";

/** @typedef {import("./types").Model} Model */

const SILENCE = 2500;
const PING = 20000;

/** @param {number} ms */
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Wait until something is there, a second at most.
 * @template T
 * @param {() => T | null | undefined | false} look
 * @returns {Promise<T | null>}
 */
async function until(look) {
  for (let i = 0; i < 40; i++) {
    const there = look();
    if (there) return there;
    await pause(25);
  }
  return null;
}

/** @param {Element} editor */
const textOf = (editor) =>
  [...editor.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n");

/**
 * Press the mouse on something: a notebook's buttons act on that, not on a click.
 * @param {Element} there
 */
function press(there) {
  for (const kind of ["mousedown", "mouseup"])
    there.dispatchEvent(new MouseEvent(kind, { bubbles: true, cancelable: true, view: window }));
}

/**
 * Insert a cell below the one that holds the panel.
 * @param {HTMLElement} el
 * @param {string} text
 * @param {boolean} run
 * @returns {Promise<boolean>} Whether it could be done.
 */
async function insert(el, text, run) {
  const cell = el.closest(".jp-Cell");
  if (!cell) return false;
  const app = window.jupyterapp;
  const content = app?.shell.currentWidget?.content;
  const index = content?.widgets?.findIndex((/** @type {any} */ one) => one.node.contains(el)) ?? -1;
  if (app && index >= 0) {
    content.activeCellIndex = index;
    await app.commands.execute("notebook:insert-cell-below");
    content.activeCell.model.sharedModel.setSource(text);
    if (run) await app.commands.execute("notebook:run-cell");
    return true;
  }
  // No application to ask: do what a person would, with the notebook's own button.
  const notebook = cell.closest(".jp-NotebookPanel") ?? document;
  /** @param {string} name */
  const button = (name) =>
    /** @type {HTMLElement | null} */ (notebook.querySelector(`[data-command="notebook:${name}"]`));
  const below = button("insert-cell-below");
  if (!below) return false;
  press(cell.querySelector(".jp-InputPrompt, .jp-InputArea-prompt") ?? cell);
  await until(() => cell.classList.contains("jp-mod-active"));
  const editor = () => {
    const active = notebook.querySelector(".jp-Cell.jp-mod-active");
    return active !== cell && active?.querySelector(".cm-content");
  };
  press(below);
  let cellEditor = await until(editor);
  if (!cellEditor) {
    below.click();
    cellEditor = await until(editor);
  }
  if (!(cellEditor instanceof HTMLElement) || textOf(cellEditor) !== "") return false;
  cellEditor.focus();
  const data = new DataTransfer();
  data.setData("text/plain", text);
  cellEditor.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
  );
  if (!(await until(() => textOf(cellEditor) === text))) {
    if (textOf(cellEditor) === "") document.execCommand("insertText", false, text);
    if (!(await until(() => textOf(cellEditor) === text))) return false;
  }
  const runner = button("run-cell-and-select-next") ?? button("run-cell");
  if (run && runner) press(runner);
  return true;
}

const VIEW = "application/vnd.jupyter.widget-view+json";
const STATE = "application/vnd.jupyter.widget-state+json";

/**
 * Name the widgets that a notebook's outputs show.
 * @param {any} notebook
 * @returns {Set<string>}
 */
function shown(notebook) {
  const ids = new Set();
  for (const cell of notebook.cells)
    for (let i = 0; i < (cell.outputs?.length ?? 0); i++)
      ids.add(cell.outputs.get(i).data[VIEW]?.model_id);
  return ids;
}

/** @param {string} kind @param {string} module @param {any} state */
const widget = (kind, module, state) => ({
  model_name: `${kind}Model`,
  model_module: `@jupyter-widgets/${module}`,
  model_module_version: "2.0.0",
  state,
});

const LEFT = "nbext-left";
/** @param {any} one */
const isLine = (one) => String(one.state?.value).includes(LEFT);

/**
 * Name the widgets that are these, or inside of them.
 * @param {any} state
 * @param {string[]} ids
 * @returns {Set<string>}
 */
function reached(state, ids) {
  const reachable = new Set();
  const waiting = [...ids];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (reachable.has(id) || !state[id]) continue;
    reachable.add(id);
    for (const [, next] of JSON.stringify(state[id].state).matchAll(/"(?:IPY_MODEL_|anywidget:)([^"]+)"/g)) waiting.push(next);
  }
  return reachable;
}

/**
 * Save a line with the notebook, as a widget's state that stands where the panel stood: without one
 * a page that is opened later says "model not found".
 * @param {Model} model
 * @returns {() => void} Stops it.
 */
function leaveLine(model) {
  const context = model.widget_manager?.context;
  if (!context?.saveState || !context.model?.setMetadata) return () => {};
  /** @param {any} _ @param {string} stage */
  function saving(_, stage) {
    if (stage !== "started") return;
    const there = shown(context.model);
    const widgets = context.model.getMetadata("widgets") ?? {};
    const known = widgets[STATE] ?? { version_major: 2, version_minor: 0, state: {} };
    const panel = model.get("panel");
    // The panel's parts are of no use without a kernel.
    const parts = reached(known.state, [panel]);
    const others = reached(known.state, [...there].filter((id) => id !== panel));
    const rest = Object.entries(known.state).filter(
      ([id, one]) => others.has(id) || !(parts.has(id) || isLine(one)),
    );
    const state = Object.fromEntries(rest);
    if (there.has(panel)) {
      state[panel] = widget("HTML", "controls", {
        // The host's broken link says nothing more than the line.
        value: `<style>.jupyter-widgets-disconnected:has(.${LEFT})::before { content: none !important; }</style><p class="${LEFT}">${model.get("words").instead}</p>`,
        layout: "IPY_MODEL_nbext-layout",
      });
      state["nbext-layout"] = widget("Layout", "base", {});
    }
    context.model.setMetadata("widgets", { ...widgets, [STATE]: { ...known, state } });
  }
  context.saveState.connect(saving);
  return () => context.saveState.disconnect(saving);
}

/** @param {{model: Model}} place */
function initialize({ model }) {
  /** @type {Map<number, ArrayBuffer[]>} */
  const files = new Map();
  model.on("msg:custom", (message, buffers) => {
    if (message.do !== "file") return;
    const pieces = files.get(message.id) ?? [];
    files.set(message.id, pieces);
    pieces[message.piece] = buffers[0];
    call(model, { do: "next", id: message.id, piece: message.piece + 1 });
    if (message.piece + 1 < message.pieces) return;
    files.delete(message.id);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(pieces, { type: message.type }));
    link.download = message.name;
    link.click();
    // Whoever shows a link to it may; it stays until the page is left.
    window.dispatchEvent(new CustomEvent("nbext-file", { detail: { name: message.name, url: link.href } }));
  });
}

/** @param {import("./types").Place} place */
function render({ model, el }) {
  const words = () => model.get("words");
  el.classList.add("nbext-pulse");
  const notice = document.createElement("div");
  notice.setAttribute("role", "alert");
  notice.hidden = true;
  const fallback = document.createElement("textarea");
  fallback.readOnly = true;
  fallback.hidden = true;
  el.append(notice, fallback);
  const panel = el.closest(".nbext-panel");
  let last = Date.now();
  // What waits for an answer, and since when: a kernel that beats may still not hear this page.
  let awaited = "";
  let since = 0;
  let reserved = false;
  let outputs = 0;

  /** The output after the panel holds a still for when the panel is gone; it shows when kept. */
  function settle() {
    const next = el.closest(".jp-OutputArea-child")?.nextElementSibling;
    if (reserved && next instanceof HTMLElement) next.style.display = outputs ? "" : "none";
  }

  /** What stands under the panel now: hosts put a new node there at each update. */
  const under = () => el.closest(".jp-OutputArea-child")?.nextElementSibling?.innerHTML;

  /**
   * Outputs of a page that was loaded anew hear of no updates: notice it, and say so.
   * @param {any} message
   */
  async function keeping(message) {
    const before = under();
    if (before === undefined) return;
    for (let i = 0; i < 120 && under() === before; i++) await pause(25);
    if (under() === before) call(model, { do: "unkept", id: message.id });
  }

  /** @param {string} text */
  async function toClipboard(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * @param {any} message
   */
  async function heard(message) {
    last = Date.now();
    if (message.heard && message.heard === awaited) since = 0;
    if (message.do === "page") {
      reserved = message.reserved;
      outputs = message.outputs;
      settle();
    } else if (message.do === "keeping") {
      await keeping(message);
    } else if (message.do === "cell") {
      const done = await insert(el, message.text, message.run).catch(() => false);
      const copied = done || (await toClipboard(message.text));
      call(model, { do: "inserted", done, copied });
      fallback.hidden = done || copied;
      fallback.value = done || copied ? "" : message.text;
      fallback.setAttribute("aria-label", words().no_clipboard);
    } else if (message.do === "copy") {
      const copied = await toClipboard(message.text);
      call(model, { do: "copied", copied });
      fallback.hidden = copied;
      fallback.value = copied ? "" : message.text;
    }
  }

  function look() {
    const w = words();
    const seen = document.visibilityState === "visible";
    const late = seen && Date.now() - last > SILENCE;
    const unheard = seen && since > 0 && Date.now() - since > SILENCE;
    const dead = el.closest(".jupyter-widgets-disconnected");
    // Before ipykernel 7 a kernel that runs a cell hears nothing until that has ended.
    const busy = !dead && model.widget_manager?.kernel?.status === "busy";
    const why = late ? (dead ? w.gone : w.silent) : w.unheard;
    const text = late || unheard ? (busy ? w.busy : why) : "";
    if (notice.textContent !== text) {
      notice.textContent = text;
      notice.hidden = !text;
      panel?.classList.toggle("nbext-gone", !!text && !busy);
    }
    settle();
  }

  /** @param {any} message */
  function ask(message) {
    if (!since) {
      since = Date.now();
      awaited = `${since}-${Math.random()}`;
    }
    call(model, { ...message, id: awaited });
  }

  const hello = () => ask({ do: "hello", language: navigator.language || "" });
  /** Something was pressed: see to it that the kernel hears. */
  const pressed = () => ask({ do: "ping" });

  function seen() {
    // A page in the background hears late: judge it from when it is looked at again.
    last = Date.now();
    since = 0;
    hello();
  }

  panel?.addEventListener("nbext-pressed", pressed);
  panel?.addEventListener("click", pressed, true);
  settle();
  const stopLeaving = leaveLine(model);
  model.on("msg:custom", heard);
  document.addEventListener("visibilitychange", seen);
  const looking = setInterval(look, 250);
  const pinging = setInterval(() => call(model, { do: "ping" }), PING);
  hello();
  return () => {
    clearInterval(looking);
    clearInterval(pinging);
    stopLeaving();
    model.off("msg:custom", heard);
    document.removeEventListener("visibilitychange", seen);
    panel?.removeEventListener("nbext-pressed", pressed);
    panel?.removeEventListener("click", pressed, true);
  };
}

export default { initialize, render };
