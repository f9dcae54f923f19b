// @ts-check
// The same prompt by several models, or several times, side by side: a row for each prompt.

const grid = document.getElementById("grid");
const matrix = the("matrix");
const inGrid = () => grid?.getAttribute("aria-pressed") === "true";

/** The drawings that are not filtered away, by their prompts; those of one drawing alone are left out.
 * @returns {[string, HTMLElement[]][]} */
const prompts = () => {
  /** @type {Map<string, HTMLElement[]>} */
  const rows = new Map();
  for (const card of all(main, ".card")) {
    if (!isShown(card) || (card.dataset.kind || "draw") !== "draw") continue;
    const prompt = textOf(card, ".prompt").trim();
    const row = rows.get(prompt);
    if (row) row.push(card); else rows.set(prompt, [card]);
  }
  return [...rows].filter(([, cards]) => cards.length > 1);
};

/** A drawing as small, with its number. @param {HTMLElement} card */
const cellOf = (card) => {
  const frame = make("div", "leaf");
  const line = make("p");
  line.append(make("b", "", card.id));
  if (card.classList.contains("failed")) line.append(` ${textOf(card, ".error strong")}`);
  frame.append(small(card), line);
  return frame;
};

/** Lay the rows out: a column for each model, or for each take where there is one model. */
const layGrid = () => {
  readAll();
  const rows = prompts();
  const models = [...new Set(rows.flatMap(([, cards]) => cards.map((card) => textOf(card, ".model"))))];
  const most = Math.max(0, ...rows.map(([, cards]) => cards.length));
  const heads = models.length > 1 ? models : Array.from({ length: Math.min(most, 8) }, (_, i) => filled("take", { number: i + 1 }));
  const table = make("table");
  const head = make("tr");
  head.append(make("td"), ...heads.map((text) => Object.assign(make("th", "", text), { scope: "col" })));
  table.append(Object.assign(make("thead"), {}));
  one(table, "thead")?.append(head);
  const body = make("tbody");
  for (const [prompt, cards] of rows) {
    cards.sort((a, b) => numberOf(a) - numberOf(b));
    const row = make("tr");
    const title = Object.assign(make("th"), { scope: "row" });
    title.append(make("p", "", prompt));
    row.append(title, ...heads.map((text, column) => {
      const cell = make("td");
      const last = column === heads.length - 1;
      const own = models.length > 1
        ? cards.filter((card) => textOf(card, ".model") === text)
        : cards.slice(column, last ? undefined : column + 1);
      cell.append(...own.map(cellOf));
      return cell;
    }));
    body.append(row);
    sight.observe(row);
  }
  table.append(body);
  matrix.replaceChildren(...(rows.length ? [table] : []));
  the("none").hidden = rows.length > 0;
  say(rows.reduce((sum, [, cards]) => sum + cards.length, 0), words.share_prompt);
};

/** Show the drawings as they are, as a tree, or as a grid. @param {"" | "tree" | "grid"} name */
const showAs = (name) => {
  tree?.setAttribute("aria-pressed", String(name === "tree"));
  grid?.setAttribute("aria-pressed", String(name === "grid"));
  main.classList.toggle("growing", name !== "");
  families.hidden = name !== "tree";
  matrix.hidden = name !== "grid";
  if (name !== "tree") uproot();
  if (name !== "grid") matrix.replaceChildren();
  filter();
  setAddress("");
};
tree?.addEventListener("click", () => showAs(inTree() ? "" : "tree"));
grid?.addEventListener("click", () => showAs(inGrid() ? "" : "grid"));
