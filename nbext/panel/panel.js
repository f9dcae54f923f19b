// @ts-check
/** The panel's places, each with the widget that belongs there. */

import { make } from "./dom.js";

/**
 * What is always seen; a tool, comparison or painter, comes and goes. The history is first: its
 * pictures have the longest way.
 */
const PARTS = ["gallery", "pulse", "form", "stage"];

/** @param {import("./types").Place} place */
async function render({ model, el, host, signal }) {
  el.classList.add("nbext-panel");
  el.classList.toggle("nbext-compact", model.get("compact"));
  if (!host) {
    el.append(make("p", { role: "alert" }, model.get("words").no_host));
    return;
  }
  /** @type {Record<string, HTMLElement>} */
  const places = {};
  for (const name of PARTS) places[name] = make("div");
  const tool = make("div");
  el.append(
    places.pulse,
    make("div", { class: "nbext-main" }, places.form, make("div", { class: "nbext-right" }, places.stage, tool)),
    places.gallery,
  );

  /** @param {string} name @param {HTMLElement} into @param {AbortSignal} until */
  async function show(name, into, until) {
    const widget = await host.getWidget(model.get(name));
    if (!until.aborted) await widget.render({ el: into, signal: until });
  }

  let shown = new AbortController();
  function renew() {
    shown.abort();
    shown = new AbortController();
    tool.replaceChildren();
    const name = model.get("tool");
    if (!name) return;
    const into = make("div");
    tool.append(into);
    show(name, into, AbortSignal.any([signal, shown.signal]));
  }

  model.on("change:tool", renew);
  await Promise.all(PARTS.map((name) => show(name, places[name], signal)));
  renew();
  // Letters typed in the panel are no commands of the notebook around it.
  el.setAttribute("data-lm-suppress-shortcuts", "true");
}

export default { render };
