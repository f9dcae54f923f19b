// @ts-check
// Search as one types, filters, the order, and light or dark.

const tools = /** @type {HTMLFormElement} */ (the("tools"));
const search = /** @type {HTMLInputElement} */ (the("search"));
const more = /** @type {HTMLDetailsElement} */ (the("more"));
const order = the("order");
const theme = the("theme");
const firstOrder = order.dataset.order;
// Up to this many matches run on in one flow, all of it laid out; more stay in sections, which a browser can skip.
const FLAT = 100;
// How high a row of drawings is about, and each of many of them.
const [ROW, HEIGHT] = [380, 93];
const references = all(main, "section.references");

/** All that a card says, in lower case. What any card says is left out: the names of facts, and
 * the prompt again as a cell and as a step. @param {HTMLElement} card */
const haystack = (card) => {
  const facts = textOf(card, ".facts");
  const own = (card.textContent || "").replace(facts, () => facts.replace(/^[^:\n]*: /gm, " "));
  const end = textOf(card, ".cell").length + textOf(card, ".step").length;
  return own.trimEnd().slice(0, -end || undefined).toLowerCase();
};

/** What a control of the tools is set to; empty where the page has none. @param {string} id */
const setting = (id) => /** @type {HTMLInputElement | null} */ (document.getElementById(id))?.value || "";

/** Each filter that the tools may have: what is set, and whether a drawing fits it.
 * @type {Record<string, (set: string, card: HTMLElement) => boolean>} */
const FILTERS = {
  model: (set, card) => textOf(card, ".model") === set,
  kind: (set, card) => (card.dataset.kind || "draw") === set,
  tag: (set, card) => JSON.parse(card.dataset.tags || "[]").includes(set),
  since: (set, card) => textOf(card, "time") >= set,
  until: (set, card) => !!textOf(card, "time") && textOf(card, "time") <= set,
  dearer: (set, card) => card.dataset.cost !== undefined && Number(card.dataset.cost) >= Number(set),
  cheaper: (set, card) => card.dataset.cost !== undefined && Number(card.dataset.cost) <= Number(set),
  which: (set, card) => ({
    starred: card.dataset.star !== undefined,
    noted: card.dataset.note !== undefined,
    different: card.dataset.different !== undefined,
    failed: card.classList.contains("failed"),
    whole: !card.classList.contains("failed"),
  })[set] ?? true,
};

/** The words that are searched for. */
const searched = () => search.value.toLowerCase().split(/\s+/).filter(Boolean);

/** The filters that are set, as one question about a drawing. @returns {(card: HTMLElement) => boolean} */
const filtered = () => {
  const tests = Object.entries(FILTERS).map(([id, fits]) => ({ set: setting(id), fits })).filter(({ set }) => set);
  return (card) => tests.every(({ set, fits }) => fits(set, card));
};

/** A section with its drawings, whose order does not matter: what each says, what all of them say, and which
 * are shown. Here, because a page of ten thousand takes longer to ask than to search.
 * @typedef {{ section: HTMLElement, cards: HTMLElement[], texts: string[], whole: string, shown: boolean[] }} Part */

/** @type {Part[] | undefined} */
let index;
const indexed = () => {
  readAll();
  index ||= sections().map((section) => {
    const cards = all(section, ".card");
    return { section, cards, texts: [], whole: "", shown: cards.map(() => true) };
  });
  return index;
};
/** Read once what the drawings of a section say. @param {Part} part */
const readTexts = (part) => {
  if (part.texts.length) return;
  part.texts = part.cards.map(haystack);
  // No word has a line's end in it.
  part.whole = part.texts.join("\n");
};

/** Which drawings of a section are asked for; undefined where none can be.
 * @param {Part} part @param {string[]} words @param {(card: HTMLElement) => boolean} fits @param {boolean} narrower */
const matching = (part, words, fits, narrower) => {
  if (words.length) readTexts(part);
  if (narrower && part.section.hidden || !words.every((word) => part.whole.includes(word))) return undefined;
  const matches = part.cards.map((card, i) =>
    (!narrower || part.shown[i]) && words.every((word) => part.texts[i].includes(word)) && fits(card));
  return matches.includes(true) ? matches : undefined;
};

/** Whether a drawing is not filtered away. Those of a section of which none is shown are left as they were.
 * @param {HTMLElement} card */
const isShown = (card) => !card.hidden && !(/** @type {HTMLElement} */ (card.closest("section")).hidden);

/** Say how many drawings are shown, and which. @param {number} count @param {string} [which] */
const say = (count, which = "") => {
  the("count").textContent = count.toLocaleString(document.documentElement.lang);
  the("where").textContent = which && ` ${which}`;
};

/** What was asked for last: words, and the rest of the tools. @type {{ words: string[], rest: string } | undefined} */
let last;
/** Whether what is asked for now can only be among what is shown, as after one more letter. */
const isNarrower = () => {
  const words = searched();
  const rest = JSON.stringify(Object.keys(FILTERS).map(setting));
  const narrower = last?.rest === rest && last.words.every((word) => words.some((longer) => longer.includes(word)));
  last = { words, rest };
  return narrower;
};

/** Show what is asked for, and say how many that is. */
const filter = () => {
  const fits = filtered();
  const words = searched();
  const parts = indexed();
  const narrower = isNarrower();
  let count = 0;
  let total = 0;
  stopList = undefined;
  for (const part of parts) {
    const matches = matching(part, words, fits, narrower);
    if (part.section.hidden !== !matches) part.section.hidden = !matches;
    let here = 0;
    matches?.forEach((match, i) => {
      if (part.shown[i] !== match) part.cards[i].hidden = !match;
      if (match) here++;
    });
    // As high as so many are taken for, while they are out of sight.
    const few = here > 0 && here < part.cards.length;
    part.section.style.containIntrinsicHeight = few ? `${Math.max(ROW, here * HEIGHT)}px` : "";
    part.shown = matches || part.shown;
    count += here;
    total += part.cards.length;
  }
  for (const section of references) section.hidden = count < total;
  main.classList.toggle("flat", count < total && count <= FLAT);
  the("none").hidden = count > 0;
  say(count);
  const active = all(more, "select, input").filter((control) => setting(control.id)).length;
  the("active").textContent = active ? String(active) : "";
  if (inTree()) plant();
  if (inGrid()) layGrid();
};

/** Show what is asked for now from its beginning. */
const find = () => { filter(); scrollTo(0, 0); };

/** What is searched, filtered and shown how, as the address has it. */
const stateText = () => {
  const query = new URLSearchParams();
  for (const id of ["search", ...Object.keys(FILTERS)]) if (setting(id)) query.set(id, setting(id));
  if (order.dataset.order !== firstOrder) query.set("order", order.dataset.order || "");
  if (inTree()) query.set("as", "tree");
  if (inGrid()) query.set("as", "grid");
  return query.toString();
};

/** Search and filter as an address says. @param {string} text */
const applyState = (text) => {
  if (text === stateText()) return;
  const query = new URLSearchParams(text);
  for (const id of ["search", ...Object.keys(FILTERS)]) {
    const control = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
    if (control) control.value = query.get(id) || "";
  }
  if ((query.get("order") || firstOrder) !== order.dataset.order) turn();
  const as = query.get("as");
  showAs(as === "tree" && tree ? "tree" : as === "grid" && grid ? "grid" : "");
};

const sections = () => all(main, "section:not(.references)");

const reset = () => { tools.reset(); filter(); setAddress(""); search.focus(); };

/** Turn the order of all drawings round. */
const turn = () => {
  readAll();
  stopList = undefined;
  const lists = sections();
  const after = lists.at(-1)?.nextSibling || null;
  // Out of the page meanwhile: a browser accounts for each node that moves in it.
  const place = document.createComment("");
  main.replaceWith(place);
  for (const section of lists.reverse()) {
    const list = /** @type {HTMLElement} */ (one(section, "ul"));
    list.append(...[...list.children].reverse());
    main.insertBefore(section, after);
  }
  place.replaceWith(main);
  const newest = order.dataset.order === "newest";
  order.dataset.order = newest ? "oldest" : "newest";
  order.textContent = newest ? words.newest_first : words.oldest_first;
  if (inTree()) plant();
  if (inGrid()) layGrid();
};

const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};
const nameTheme = () => {
  const label = isDark() ? words.light : words.dark;
  theme.textContent = "\u25d0";
  theme.title = label;
  theme.setAttribute("aria-label", label);
};
const changeTheme = () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  nameTheme();
};

/** On a narrow page the models and the kinds of drawings stand among the filters, so that no button is cut. */
const narrow = matchMedia("(max-width: 46rem)");
const choices = ["model", "which"].map((id) => /** @type {HTMLElement} */ (the(id).closest("label")));
const settle = () => {
  const place = narrow.matches ? one(more, ".sheet") : one(tools, ".controls");
  place?.prepend(...choices);
};
narrow.addEventListener("change", () => { settle(); filter(); });
settle();

let waiting = 0;
let again = false;
/** Find at once; what is typed before that is painted is found together, after it. */
const findSoon = () => {
  if (waiting) { again = true; return; }
  find();
  waiting = requestAnimationFrame(() => {
    waiting = 0;
    if (again) { again = false; findSoon(); }
  });
};
let writing = 0;
tools.addEventListener("input", () => {
  findSoon();
  // A browser takes only so many new addresses in a while.
  clearTimeout(writing);
  writing = setTimeout(() => { if (!large.open) setAddress(""); }, 300);
});
/** Read what the cards say while there is time, so that the first letter that is typed is as quick as the others.
 * @param {Part[]} parts */
const prepare = (parts) => {
  for (const part of parts.splice(0, 3)) readTexts(part);
  whenIdle(parts.length ? () => prepare(parts) : () => { after(); takes(); });
};
const prepareAll = () => prepare([...indexed()]);
if (unread.size) whenRead(() => whenIdle(prepareAll)); else whenIdle(prepareAll);
tools.addEventListener("submit", (event) => event.preventDefault());
the("reset").addEventListener("click", reset);
the("clear").addEventListener("click", reset);
document.addEventListener("click", (event) => { if (!around(event.target, "#more")) more.open = false; });
order.addEventListener("click", () => { turn(); setAddress(""); });
theme.addEventListener("click", changeTheme);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);
nameTheme();
tools.hidden = theme.hidden = false;
if (!one(main, ".card")) the("none").hidden = false;
