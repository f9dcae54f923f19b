// @ts-check
// Search as one types, filters, the order, and light or dark.

const tools = /** @type {HTMLFormElement} */ (the("tools"));
const search = /** @type {HTMLInputElement} */ (the("search"));
const more = /** @type {HTMLDetailsElement} */ (the("more"));
const order = the("order");
const theme = the("theme");
// Up to this many matches run on in one flow; more stay in sections, which a browser can skip.
const FLAT = 300;

/** @type {WeakMap<HTMLElement, string>} */
const haystacks = new WeakMap();
/** All that a card says, in lower case; read once. What any card says is left out: the names of facts, and
 * the prompt again as a cell and as a step. @param {HTMLElement} card */
const haystack = (card) => {
  let text = haystacks.get(card);
  if (text === undefined) {
    const facts = textOf(card, ".facts");
    const own = (card.textContent || "").replace(facts, () => facts.replace(/^[^:\n]*: /gm, " "));
    const end = textOf(card, ".cell").length + textOf(card, ".step").length;
    haystacks.set(card, (text = own.trimEnd().slice(0, -end || undefined).toLowerCase()));
  }
  return text;
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
    failed: card.classList.contains("failed"),
    whole: !card.classList.contains("failed"),
  })[set] ?? true,
};

/** What is asked for now, as one question about a drawing. @returns {(card: HTMLElement) => boolean} */
const wanted = () => {
  const tests = Object.entries(FILTERS).map(([id, fits]) => ({ set: setting(id), fits })).filter(({ set }) => set);
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  return (card) => tests.every(({ set, fits }) => fits(set, card)) && words.every((word) => haystack(card).includes(word));
};

/** Show what is asked for, and say how many that is. */
const filter = () => {
  readAll();
  const fits = wanted();
  let count = 0;
  let hidden = 0;
  for (const section of sections()) {
    let any = false;
    for (const card of all(section, ".card")) {
      const shows = fits(card);
      if (card.hidden === shows) card.hidden = !shows;
      if (shows) { any = true; count++; } else hidden++;
    }
    if (section.hidden === any) section.hidden = !any;
  }
  for (const section of all(main, "section.given")) section.hidden = hidden > 0;
  main.classList.toggle("flat", hidden > 0 && count <= FLAT);
  the("count").textContent = count.toLocaleString("en");
  the("none").hidden = count > 0;
  const active = all(more, "select, input").filter((control) => setting(control.id)).length;
  the("active").textContent = active ? String(active) : "";
  if (inTree()) plant();
};

/** Show what is asked for now from its beginning. */
const find = () => { filter(); scrollTo(0, 0); };

const sections = () => all(main, "section:not(.given)");

const reset = () => { tools.reset(); filter(); search.focus(); };

/** Turn the order of all drawings round. */
const turn = () => {
  readAll();
  const lists = sections();
  const after = lists.at(-1)?.nextSibling || null;
  for (const section of lists.reverse()) {
    const list = /** @type {HTMLElement} */ (one(section, "ul"));
    list.append(...[...list.children].reverse());
    main.insertBefore(section, after);
  }
  const newest = order.dataset.order === "newest";
  order.dataset.order = newest ? "oldest" : "newest";
  order.textContent = newest ? "Newest first" : "Oldest first";
  if (inTree()) plant();
};

const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};
const nameTheme = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
const changeTheme = () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  nameTheme();
};

let waiting = 0;
tools.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 60); });
tools.addEventListener("submit", (event) => event.preventDefault());
the("reset").addEventListener("click", reset);
the("clear").addEventListener("click", reset);
document.addEventListener("click", (event) => { if (!around(event.target, "#more")) more.open = false; });
order.addEventListener("click", turn);
theme.addEventListener("click", changeTheme);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);
nameTheme();
tools.hidden = theme.hidden = false;
if (!one(main, ".card")) the("none").hidden = false;
