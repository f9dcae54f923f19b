// @ts-check
// Short words for what the other parts ask of the page. The page reads without any of them.

/** @template {HTMLElement} T @param {string} id @returns {T} */
const the = (id) => /** @type {T} */ (document.getElementById(id));

/** @param {Element | Document} root @param {string} selector @returns {HTMLElement[]} */
const all = (root, selector) => /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);

/** @param {Element} root @param {string} selector @returns {HTMLElement | null} */
const one = (root, selector) => root.querySelector(selector);

/** What the page says, in its language. @type {Record<string, string>} */
const words = JSON.parse(/** @type {HTMLMetaElement} */ (document.querySelector('meta[name="words"]')).content);

/** A message of the page with its values. @param {string} key @param {Record<string, string | number>} [values] */
const filled = (key, values = {}) => (words[key] || key).replace(/{(\w+)}/g, (_, name) => String(values[name]));

/** @param {string} tag @param {string} [className] @param {string} [text] @returns {HTMLElement} */
const make = (tag, className = "", text = "") => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
};

/** @param {string} src @returns {HTMLImageElement} */
const picture = (src) => {
  const element = /** @type {HTMLImageElement} */ (make("img"));
  element.alt = "";
  element.src = src;
  return element;
};

/** @param {HTMLElement} card */
const numberOf = (card) => Number(card.id.slice(1));

/** The drawing that something stands in. @param {Element} inside @returns {HTMLElement} */
const cardOf = (inside) => /** @type {HTMLElement} */ (inside.closest(".card"));

/** @param {HTMLElement} card @param {string} selector */
const textOf = (card, selector) => one(card, selector)?.textContent || "";

/** @param {EventTarget | null} target @param {string} selector @returns {HTMLElement | null} */
const around = (target, selector) => (target instanceof Element ? target.closest(selector) : null);

/** Whether a key comes alone: with others it is the browser's. @param {KeyboardEvent} event */
const isPlain = (event) => !(event.ctrlKey || event.metaKey || event.altKey);

const main = the("drawings");

/** Give a film's card the film's own ratio: a record does not know it. @param {Event} event */
const fitFilm = ({ target }) => {
  if (!(target instanceof HTMLVideoElement) || !target.videoWidth || !target.closest(".card")) return;
  const step = Math.min(60, Math.max(0, 30 + Math.round(20 * Math.log2(target.videoWidth / target.videoHeight))));
  const { classList } = cardOf(target);
  classList.remove(...[...classList].filter((word) => /^r\d+$/.test(word)));
  classList.add(`r${step}`);
};
main.addEventListener("loadedmetadata", fitFilm, true);

/** Put the frame that a film shows beside it: films are not printed. */
const still = () => {
  for (const film of /** @type {HTMLVideoElement[]} */ (all(main, "video"))) {
    if (!film.videoWidth) continue;
    const frame = /** @type {HTMLCanvasElement} */ (make("canvas", "still"));
    [frame.width, frame.height] = [film.videoWidth, film.videoHeight];
    frame.getContext("2d")?.drawImage(film, 0, 0);
    film.after(frame);
  }
};
addEventListener("beforeprint", still);
addEventListener("afterprint", () => { for (const frame of all(main, ".still")) frame.remove(); });
for (const film of all(main, "video")) fitFilm(/** @type {any} */ ({ target: film }));
