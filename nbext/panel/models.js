// @ts-check
/** A field for the model, with a list of all of them under it. */

import { call, make } from "./dom.js";

/** @param {import("./types").Place} place */
function render({ model, el }) {
  const words = () => model.get("words");
  const id = `nbext-${Math.random().toString(36).slice(2)}`;
  const label = make("label", { class: "nbext-label", for: id }, words().model);
  const field = make("input", { id, role: "combobox", "aria-autocomplete": "list", "aria-expanded": false, "aria-controls": `${id}-list`, autocomplete: "off", spellcheck: "false", value: model.get("value") });
  const list = make("div", { id: `${id}-list`, class: "nbext-models", role: "listbox", "aria-label": words().models, hidden: true });
  el.classList.add("nbext-part", "nbext-model");
  el.append(label, field, list);
  /** @type {any[]} */
  let choices = [];
  /** @type {any[]} */
  let matches = [];
  let at = -1;
  /** The names in a text: several are parted by commas. @param {string} text */
  const namesIn = (text) => [...new Set(text.split(/[,，、]/).map((name) => name.trim()).filter(Boolean))];
  const chosen = () => namesIn(model.get("value"));

  /** @param {any} choice @param {number} index */
  const option = (choice, index) =>
    make(
      "div",
      {
        id: `${id}-${index}`,
        class: "nbext-choice",
        role: "option",
        "aria-selected": chosen().includes(choice.id),
        // Not a click: the field would lose the focus first, and close the list.
        onpointerdown: (/** @type {PointerEvent} */ event) => {
          event.preventDefault();
          const adds = event.ctrlKey || event.metaKey || (event.target instanceof Element && event.target.closest(".nbext-add"));
          if (adds) toggle(choice.id);
          else choose(choice.id);
        },
      },
      make("i", { class: "nbext-add", title: words().add_model, "aria-hidden": true }),
      make("span", {}, choice.id),
      make("small", {}, [...choice.takes.map((/** @type {string} */ name) => words()[`can_${name}`]), choice.price].filter(Boolean).join(" · ")),
    );

  /** Show the list. @param {string} text What names are to have in them; all where it is empty. */
  function open(text) {
    // After a comma another name is written.
    const parts = text.slice(Math.max(...[..."，,、"].map((comma) => text.lastIndexOf(comma))) + 1).toLowerCase().split(/\s+/).filter(Boolean);
    matches = choices.filter((choice) => parts.every((part) => choice.id.toLowerCase().includes(part)));
    at = -1;
    /** @type {HTMLElement[]} */
    const rows = [];
    let group = "";
    matches.forEach((choice, index) => {
      if (choice.group !== group) rows.push(make("div", { class: "nbext-group", role: "presentation" }, words()[choice.group]));
      group = choice.group;
      rows.push(option(choice, index));
    });
    list.replaceChildren(...(rows.length ? rows : [make("div", { class: "nbext-group", role: "presentation" }, words().no_model)]));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    field.removeAttribute("aria-activedescendant");
    list.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }

  function close() {
    list.hidden = true;
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  /** @param {string} name */
  function choose(name) {
    field.value = name;
    close();
    if (name === model.get("value")) return;
    model.set("value", name);
    model.save_changes();
  }

  /** Have one more draw, or one less; the last one stays. @param {string} name */
  function toggle(name) {
    const names = chosen().includes(name) ? chosen().filter((one) => one !== name) : [...chosen(), name];
    if (!names.length) return;
    choose(names.join(", "));
    open("");
  }

  /** Choose what is marked in the list; where others are written before a comma, beside those. */
  function pick() {
    const before = namesIn(field.value).slice(0, -1);
    choose(namesIn([...(/[,，、]/.test(field.value) && field.value !== model.get("value") ? before : []), matches[at].id].join(",")).join(", "));
  }

  /** Take what is written; nothing written changes nothing. */
  const take = () => choose(namesIn(field.value).join(", ") || model.get("value"));

  /** @param {number} to */
  function go(to) {
    if (list.hidden) open("");
    at = Math.max(0, Math.min(matches.length - 1, to));
    /** @type {HTMLElement[]} */
    const rows = [...list.querySelectorAll(".nbext-choice")];
    rows.forEach((one, i) => one.classList.toggle("nbext-at", i === at));
    const row = rows[at];
    row?.scrollIntoView({ block: "nearest" });
    if (row) field.setAttribute("aria-activedescendant", row.id);
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at - 1);
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) matches[at] && !list.hidden ? pick() : take();
    else if (event.key === "Escape" && !list.hidden) {
      field.value = model.get("value");
      close();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  field.addEventListener("focus", () => field.select());
  // One that is chosen already filters nothing: all are listed until something is written.
  field.addEventListener("click", () => open(""));
  field.addEventListener("input", () => open(field.value));
  field.addEventListener("keydown", key);
  field.addEventListener("change", take);
  field.addEventListener("blur", take);

  /** @param {any} message */
  function heard(message) {
    if (message.do !== "models") return;
    choices = message.items;
    if (!list.hidden) open("");
  }
  function name() {
    label.textContent = words().model;
    list.setAttribute("aria-label", words().models);
  }
  const renew = () => {
    field.value = model.get("value");
  };
  model.on("msg:custom", heard);
  model.on("change:words", name);
  model.on("change:value", renew);
  call(model, { do: "hello" });
  return () => {
    model.off("msg:custom", heard);
    model.off("change:words", name);
    model.off("change:value", renew);
  };
}

export default { render };
