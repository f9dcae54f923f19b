// @ts-check
// What is taken along: the prompt, the cell, a link, and what runs a drawing again from its beginning.

/** The drawings that one comes from, and itself, oldest first. @param {HTMLElement} card */
const chainOf = (card) => {
  const chain = new Set([card]);
  // A set grows while it is walked.
  for (const link of chain) for (const parent of before(link)) chain.add(parent);
  return [...chain].sort((a, b) => numberOf(a) - numberOf(b));
};

/** One cell for a notebook that has no history yet: the whole request, or the steps that lead to it.
 * @param {HTMLElement} card */
const rerunOf = (card) => {
  const steps = chainOf(card).map((link) => textOf(link, ".step"));
  return ["import nbext", "", ...steps, ""].join("\n") + `d${numberOf(card)}`;
};

/** @param {HTMLElement} card */
const offerRerun = (card) => {
  const count = chainOf(card).length;
  the("rerun-about").textContent = count > 1
    ? filled("rerun_steps", { count })
    : words.rerun_one;
  the("rerun-code").textContent = rerunOf(card);
  the("full-cell").textContent = COPIES.cell(card);
};

/** Each thing that can be copied of a drawing. @type {Record<string, (card: HTMLElement) => string>} */
const COPIES = {
  prompt: (card) => textOf(card, ".prompt"),
  cell: (card) => textOf(card, ".cell"),
  link: (card) => `${location.href.split("#")[0]}#${card.id}`,
  rerun: rerunOf,
};

/** Put text on the clipboard, by the old way where a page over plain HTTP, or in a frame, may not use the new one.
 * @param {string} text */
const copyText = async (text) => {
  const done = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  if (!done) copyAsSelected(text);
};

/** @param {string} text */
const copyAsSelected = (text) => {
  const area = /** @type {HTMLTextAreaElement} */ (make("textarea", "quiet"));
  area.value = text;
  large.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("not allowed");
};

document.addEventListener("click", async (event) => {
  const button = around(event.target, "[data-copy]");
  if (!button || !shown) return;
  const label = (button.dataset.label ||= button.textContent || "");
  try {
    await copyText(COPIES[button.dataset.copy || "prompt"](cardOf(shown)));
    button.textContent = words.copied;
  } catch {
    button.textContent = words.copy_refused;
  }
  setTimeout(() => { button.textContent = label; }, 1500);
});

arrive();
