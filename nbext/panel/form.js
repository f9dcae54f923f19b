// @ts-check
/** The form: everything that can be asked of a model, and nothing that it would ignore. */

import { call, make } from "./dom.js";

/** What stands under "More options", and how it is written. */
const OPTIONS = /** @type {const} */ ({ size: "text", quality: "text", format: "select", seed: "text", system: "textarea", extra: "textarea" });

/** @param {import("./types").Place} place */
async function render({ model, el, host, signal }) {
  const words = () => model.get("words");
  const id = `nbext-${Math.random().toString(36).slice(2)}`;
  el.classList.add("nbext-part", "nbext-compose");
  /** @type {Record<string, any>} */
  const fields = {};
  /** @type {Record<string, any>} */
  const labels = {};

  /** A field with its label. @param {string} name @param {any} field @param {string} [css] */
  function labelled(name, field, css = "") {
    fields[name] = field;
    field.id = `${id}-${name}`;
    labels[name] = make("label", { class: "nbext-label", for: field.id });
    field.addEventListener("input", () => take(name));
    return make("div", { class: `nbext-field ${css}` }, labels[name], field);
  }

  /** @param {string} kind */
  const field = (kind) =>
    kind === "text" ? make("input", { type: "text", spellcheck: "false", autocomplete: "off" }) : make(kind, kind === "textarea" ? { rows: 2, spellcheck: "false" } : {});

  const prompt = labelled("prompt", make("textarea", { rows: 4, spellcheck: "false" }), "nbext-prompt");
  const takes = labelled("takes", make("input", { type: "number", min: 1, max: model.get("most") }));
  const style = labelled("style", make("select"));
  /** @type {[string, HTMLElement][]} */
  const options = Object.entries(OPTIONS).map(([name, kind]) => [name, labelled(name, field(kind))]);
  const qualities = make("datalist", { id: `${id}-qualities` });
  fields.quality.setAttribute("list", qualities.id);
  const drawer = make("div", { class: "nbext-more", id: `${id}-more` }, ...options.map(([, one]) => one), qualities);
  const more = make("button", { type: "button", class: "nbext-more-button", "aria-controls": drawer.id, onclick: () => put("more", !model.get("more")) });
  const draw = make("button", { type: "button", class: "nbext-draw", onclick: pressed });
  const spent = make("span", { class: "nbext-spent" });
  const complaint = make("p", { class: "nbext-complaint" });
  const [chooser, zone, shapes] = [make("div"), make("div"), make("div")];
  el.append(prompt, make("div", { class: "nbext-row" }, chooser, takes), zone, shapes, style, more, drawer, make("div", { class: "nbext-go" }, draw, spent), complaint);

  /** @param {string} name @param {any} value */
  function put(name, value) {
    model.set(name, value);
    model.save_changes();
    if (name === "more") fold();
  }

  /** What stands in a field; a number of takes that is none is left as it was. @param {string} name */
  const valueOf = (name) => (name === "takes" ? Math.min(model.get("most"), Math.max(1, Math.round(Number(fields.takes.value)) || model.get("takes"))) : fields[name].value);

  /** @param {string} name */
  const take = (name) => put(name, valueOf(name));

  /** Draw what is written now: what was typed last may still be on its way. */
  function press() {
    el.dispatchEvent(new CustomEvent("nbext-pressed", { bubbles: true }));
    const values = Object.fromEntries(Object.keys(fields).map((name) => [name, valueOf(name)]));
    call(model, { do: "draw", values: { ...values, model: chooser.querySelector("input")?.value.trim() ?? "" } });
  }

  /** The second click of a double click costs nothing, however late a busy kernel hears of it. @param {MouseEvent} event */
  function pressed(event) {
    if (event.detail < 2) press();
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    // A key that is held down, or that ends a word of an input method, asks for nothing.
    if (!event.repeat && !event.isComposing && !draw.disabled) press();
  }

  /** @param {any} select @param {string[]} names @param {string} first @param {string} value */
  function offer(select, names, first, value) {
    select.replaceChildren(make("option", { value: "" }, first), ...names.map((name) => make("option", { value: name }, name)));
    select.value = value;
  }

  function fold() {
    const open = model.get("more");
    more.textContent = `${open ? words().less : words().more} ${open ? "▴" : "▾"}`;
    more.setAttribute("aria-expanded", String(open));
    drawer.hidden = !open;
  }

  function name() {
    const w = words();
    for (const one of Object.keys(labels)) labels[one].textContent = w[one];
    fields.extra.placeholder = w.extra_hint;
    fields.quality.placeholder = w.auto;
    fields.takes.title = w.takes_hint;
    draw.title = w.draw_hint;
    offered();
    fold();
  }

  /** Show the fields that the model has. */
  function offered() {
    const has = new Set(model.get("fields"));
    const choices = model.get("choices");
    for (const [one, row] of options) row.hidden = !has.has(one);
    shapes.hidden = !has.has("aspect");
    zone.hidden = !has.has("images");
    more.hidden = !options.some(([one]) => has.has(one));
    style.hidden = !model.get("styles").length;
    offer(fields.style, model.get("styles"), words().no_style, model.get("style"));
    offer(fields.format, choices.format ?? [], words().auto, model.get("format"));
    qualities.replaceChildren(...(choices.quality ?? []).map((/** @type {string} */ one) => make("option", { value: one })));
    fields.size.placeholder = (choices.size ?? []).slice(0, 3).join(" ");
  }

  /** What the kernel says beside the fields. */
  function state() {
    draw.textContent = model.get("button");
    draw.disabled = model.get("off");
    spent.textContent = model.get("spent");
    fields.prompt.placeholder = model.get("hint");
    const text = model.get("complaint");
    complaint.textContent = text;
    complaint.hidden = !text;
    if (text) complaint.setAttribute("role", "alert");
    else complaint.removeAttribute("role");
  }

  /** A field is as the kernel has it, unless that is what stands in it already. */
  const fill = () => {
    for (const [one, input] of Object.entries(fields)) if (String(valueOf(one)) !== String(model.get(one)) || !input.value) input.value = model.get(one);
  };

  /** @param {any} message */
  function heard(message) {
    if (message.do !== "focus") return;
    fields.prompt.focus();
    fields.prompt.setSelectionRange(fields.prompt.value.length, fields.prompt.value.length);
  }

  fields.takes.addEventListener("change", () => (fields.takes.value = model.get("takes")));
  el.addEventListener("keydown", key, true);
  model.on("msg:custom", heard);
  /** @type {[string[], () => void][]} */
  const follow = [
    [["words"], name],
    [["fields", "choices", "styles"], offered],
    [["button", "off", "spent", "hint", "complaint"], state],
    [Object.keys(fields), fill],
    [["more"], fold],
  ];
  for (const [names, heeds] of follow) for (const one of names) model.on(`change:${one}`, heeds);
  name();
  state();
  fill();
  /** @type {[string, HTMLElement][]} */
  const inside = [["chooser", chooser], ["zone", zone], ["shapes", shapes]];
  for (const [one, into] of inside) {
    const widget = await host.getWidget(model.get(one));
    if (!signal.aborted) await widget.render({ el: into, signal });
  }
}

export default { render };
