// @ts-check
/** What the scripts of the panel have in common: it stands in each in place of the line that imports it. */

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, any>} how Attributes, and listeners by `onclick`; null is left out, and so is false, but of `aria-` attributes, to which it is a value.
 * @param {...(Node | string)} inside
 * @returns {any}
 */
export function make(tag, how = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(how)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (value != null && (value !== false || name.startsWith("aria-"))) element.setAttribute(name, String(value));
  }
  element.append(...inside);
  return element;
}

/**
 * Send a message. A kernel that is gone takes none, and that is no error here: the panel says so.
 * @param {import("./types").Model} model
 * @param {any} message
 */
export function call(model, message) {
  try {
    model.send(message);
  } catch {
    return;
  }
}

/**
 * What has the focus, also where a host keeps the panel in a shadow root of its own.
 * @param {HTMLElement} el
 * @returns {HTMLElement | null}
 */
export function focused(el) {
  const root = /** @type {Document | ShadowRoot} */ (el.getRootNode());
  return /** @type {HTMLElement | null} */ (root.activeElement ?? null);
}
