// @ts-check
// What came from what: families in rows, from what they began with to what was made of it.

const tree = document.getElementById("tree");
const families = the("families");
const inTree = () => tree?.getAttribute("aria-pressed") === "true";
// Deeper than this a family goes on in a row of its own.
const DEPTH = 40;
// So many families are one part that a browser skips while it is out of sight.
const GROVE = 30;

/** The drawings that one comes from; those among them that ``find`` finds.
 * @param {HTMLElement} card @param {(number: string) => HTMLElement | null} [find] @returns {HTMLElement[]} */
const before = (card, find = numbered) =>
  (card.dataset.before || "").split(" ").filter(Boolean).map((number) => find(number)).filter((item) => !!item);

/** The references of a drawing that come from elsewhere. @param {HTMLElement} card @returns {HTMLElement[]} */
const referencesOf = (card) => {
  const hashes = (card.dataset.references || "").split(" ").filter(Boolean);
  return hashes.map((hash) => document.getElementById(`reference-${hash}`)).filter((item) => !!item);
};

/** @type {Map<HTMLElement, HTMLElement[]> | undefined} */
let offspring;
/** Which drawings were made of each drawing, and of each reference; looked up once, when all are read. */
const after = () => {
  if (offspring) return offspring;
  /** @type {Map<HTMLElement, HTMLElement[]>} */
  const matches = new Map();
  for (const card of all(main, ".card")) for (const parent of [...before(card, readAlready), ...referencesOf(card)]) {
    const known = matches.get(parent);
    if (known) known.push(card); else matches.set(parent, [card]);
  }
  for (const list of matches.values()) list.sort((a, b) => numberOf(a) - numberOf(b));
  if (!unread.size) offspring = matches;
  return matches;
};

/** @type {Map<HTMLElement, HTMLElement[]> | undefined} */
let sets;
/** The takes of each request, side by side, by each of them; looked up once, when all are read. */
const takes = () => {
  if (sets) return sets;
  /** @type {Map<string, HTMLElement[]>} */
  const latest = new Map();
  /** @type {Map<HTMLElement, HTMLElement[]>} */
  const matches = new Map();
  for (const card of all(main, ".card").sort((a, b) => numberOf(a) - numberOf(b))) {
    const { before: parents, references, take } = card.dataset;
    const request = JSON.stringify([parents, references, textOf(card, ".model"), textOf(card, ".prompt")]);
    const open = Number(take) > 0 ? latest.get(request) : undefined;
    const group = open || [];
    group.push(card);
    latest.set(request, group);
    matches.set(card, group);
  }
  if (!unread.size) sets = matches;
  return matches;
};

/** A small picture that leads to a drawing. @param {HTMLElement} card */
const small = (card) => {
  const image = one(card, ".picture");
  const button = make("button", image ? "small" : "small worded", image ? "" : card.id);
  button.dataset.to = card.id;
  button.setAttribute("aria-label", `${card.id} ${textOf(card, ".prompt").slice(0, 100)}`);
  const ratio = [...card.classList].find((word) => /^r\d+$/.test(word));
  if (ratio) button.classList.add(ratio);
  return button;
};

/** Put pictures into small pictures that come into sight: thousands at once are slow. @param {Element} room */
const fill = (room) => {
  for (const button of all(room, ".small:not(.worded, .references):empty")) {
    const card = numbered((button.dataset.to || "").slice(1));
    const image = card && /** @type {HTMLImageElement | null} */ (one(card, ".picture img"));
    if (image) button.append(picture(image.src));
  }
};
/** A reference, as small. @param {HTMLElement} item */
const smallReference = (item) => {
  const image = /** @type {HTMLImageElement | null} */ (one(item, "img"));
  const frame = make("span", image ? "small references" : "small worded");
  if (image) frame.append(picture(image.src));
  return frame;
};

/** The takes of each request, as the tree shows them now. @type {Map<HTMLElement, HTMLElement[]>} */
let groups = new Map();
/** @param {HTMLElement} node */
const groupOf = (node) => groups.get(node) || [node];
/** @param {HTMLElement} node */
const isCard = (node) => node.classList.contains("card");
/** How a node is called. @param {HTMLElement} node */
const called = (node) => (isCard(node) ? node.id : textOf(node, "b"));

/** What the first of a group comes from beside the node that it hangs on.
 * @param {HTMLElement[]} group @param {HTMLElement | null} parent */
const others = (group, parent) => {
  if (!parent) return [];
  const known = new Set([...groupOf(parent), ...group]);
  return [...before(group[0]), ...referencesOf(group[0])].filter((other) => !known.has(other));
};

/** One node of a family: the takes of a request, or a reference.
 * @param {HTMLElement[]} group @param {HTMLElement | null} parent */
const leaf = (group, parent) => {
  const [first] = group;
  const node = make("div", "leaf");
  const row = make("div", "takes");
  row.append(...group.map(isCard(first) ? small : smallReference));
  const line = make("p");
  line.append(make("b", "", group.map(called).join(" ")), isCard(first) ? ` ${textOf(first, ".prompt").slice(0, 120)}` : ` ${words.reference}`);
  node.append(row, line);
  const also = others(group, parent).map(called);
  if (also.length) node.append(make("p", "also", filled("also_from", { names: also.slice(0, 6).join(", ") })));
  node.classList.toggle("dim", isCard(first) && group.every((card) => !isShown(card)));
  return node;
};

/** One node of a family and where it hangs: its parent is the last one before it of a smaller depth.
 * @typedef {{ group: HTMLElement[], parent: HTMLElement | null, depth: number }} Twig */

/** Follow one family from its root; what is too deep is put among the roots that wait.
 * @param {HTMLElement[]} root @param {Set<HTMLElement>} seen @param {HTMLElement[][]} later
 * @returns {Twig[]} None if nothing of it is shown. */
const grow = (root, seen, later) => {
  /** @type {Twig[]} */
  const twigs = [];
  /** @type {Twig[]} */
  const todo = [{ group: root, parent: null, depth: 0 }];
  seen.add(root[0]);
  for (let twig = todo.pop(); twig; twig = todo.pop()) {
    const { group, depth } = twig;
    twigs.push(twig);
    const children = new Set(group.flatMap((node) => after().get(node) || []).map(groupOf));
    const fresh = [...children].filter(([first]) => !seen.has(first));
    if (depth >= DEPTH) { later.push(...fresh); continue; }
    for (const child of fresh.reverse()) {
      seen.add(child[0]);
      todo.push({ group: child, parent: group[0], depth: depth + 1 });
    }
  }
  return twigs.some(({ group }) => group.some((card) => isCard(card) && isShown(card))) ? twigs : [];
};

/** Write one family. @param {Twig[]} twigs */
const familyOf = (twigs) => {
  const family = make("div", "family");
  family.tabIndex = 0;
  family.setAttribute("role", "group");
  family.setAttribute("aria-label", filled("family_of", { name: called(twigs[0].group[0]) }));
  /** The items that wait for what is below them, by their depth. @type {HTMLElement[]} */
  const items = [family];
  for (const { group, parent, depth } of twigs) {
    const above = items[depth];
    const lists = above.lastElementChild;
    const list = lists instanceof HTMLUListElement ? lists : above.appendChild(make("ul"));
    const item = make("li");
    item.append(leaf(group, parent));
    list.append(item);
    items[depth + 1] = item;
  }
  return family;
};

/** The families of each grove that is not written yet. @type {Map<Element, Twig[][]>} */
const unwritten = new Map();
/** Show what has come into sight: the families of a grove, and small pictures. @param {Element} room */
const furnish = (room) => {
  sight.unobserve(room);
  room.append(...(unwritten.get(room) || []).map(familyOf));
  unwritten.delete(room);
  fill(room);
};
/** Write the next groves while the browser has nothing else to do: what is not there cannot be found. */
const writeOn = () => {
  const [grove] = unwritten.keys();
  if (!grove) return;
  furnish(grove);
  whenIdle(writeOn);
};
const sight = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) if (isIntersecting) furnish(target);
}, { rootMargin: "600px" });
addEventListener("beforeprint", () => { for (const grove of [...unwritten.keys()]) furnish(grove); });
/** Take all families away. */
const uproot = () => { unwritten.clear(); families.replaceChildren(); };

/** What families begin with, in the page's order: what came from nothing, and references.
 * @returns {HTMLElement[][]} */
const roots = () => {
  const firsts = all(main, ".card").filter((card) => groupOf(card)[0] === card);
  const leads = firsts.filter((card) => groupOf(card).some((take) => after().has(take)));
  const lone = firsts.filter((card) => groupOf(card).length > 1);
  const begins = new Set([...leads, ...lone].filter((card) => !before(card).length && !referencesOf(card).length));
  const references = all(main, ".references li").filter((item) => after().has(item));
  // Only a file that was changed by hand has a circle; it begins at its first drawing.
  return [...firsts.filter((card) => begins.has(card)), ...references, ...leads.reverse()].map(groupOf);
};

/** Show the families of what is not filtered away. */
const plant = () => {
  readAll();
  groups = takes();
  const seen = new Set();
  /** @type {Twig[][]} */
  const grown = [];
  const todo = roots().reverse();
  for (let root = todo.pop(); root; root = todo.pop()) {
    if (seen.has(root[0])) continue;
    /** @type {HTMLElement[][]} */
    const later = [];
    const twigs = grow(root, seen, later);
    todo.push(...later.reverse());
    if (twigs.length) grown.push(twigs);
  }
  uproot();
  for (let at = 0; at < grown.length; at += GROVE) unwritten.set(make("div", "grove"), grown.slice(at, at + GROVE));
  const groves = [...unwritten.keys()];
  families.append(...groves);
  if (groves.length) furnish(groves[0]);
  for (const grove of unwritten.keys()) sight.observe(grove);
  whenIdle(writeOn);
  the("none").hidden = grown.length > 0;
  const cards = new Set(grown.flat().flatMap(({ group }) => group.filter(isCard)));
  say(cards.size, words.with_edits);
};
