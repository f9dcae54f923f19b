// @ts-check
// Sections that the browser left unread while the page opened, as <noscript>: each is read when it
// comes near or is asked for, and all of them as soon as there is time. Their text was escaped when
// the page was written, and the policy lets no script in it run: it is read as it would be without script.

document.documentElement.classList.add("whole");

/** @type {Set<HTMLElement>} */
const unread = new Set(all(main, ".unread"));
/** @type {(() => void)[]} */
const waiters = [];

/** What the arrows go through; looked up again once other drawings are shown. @type {HTMLElement[] | undefined} */
let stopList;

/** Have something done once all is read. @param {() => void} act */
const whenRead = (act) => { if (unread.size) waiters.push(act); };

/** @param {HTMLElement} section */
const read = (section) => {
  if (!unread.delete(section)) return;
  const source = /** @type {HTMLElement} */ (one(section, "noscript"));
  source.replaceWith(...new DOMParser().parseFromString(source.textContent || "", "text/html").body.childNodes);
  section.classList.remove("unread");
  near.unobserve(section);
  stopList = undefined;
  if (!unread.size) for (const act of waiters) act();
};
const readAll = () => { for (const section of unread) read(section); };

/** The drawing of a number, if it is read. @param {string | number} number @returns {HTMLElement | null} */
const readAlready = (number) => document.getElementById(`@${number}`);

/** The drawing of a number. @param {string | number} number @returns {HTMLElement | null} */
const numbered = (number) => {
  for (const section of readAlready(number) ? [] : unread) {
    const [least, most] = (section.dataset.numbers || "").split(" ").map(Number);
    if (least <= Number(number) && Number(number) <= most) read(section);
  }
  return readAlready(number);
};

/** Read on while the browser has nothing else to do. */
const readOn = () => {
  const [section] = unread;
  if (!section) return;
  read(section);
  whenIdle(readOn);
};
/** @param {() => void} act */
const whenIdle = (act) => { if ("requestIdleCallback" in window) requestIdleCallback(act, { timeout: 1000 }); else setTimeout(act, 20); };

const near = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) if (isIntersecting) read(/** @type {HTMLElement} */ (target));
}, { rootMargin: "3000px" });
for (const section of unread) near.observe(section);
addEventListener("load", () => whenIdle(readOn));
addEventListener("beforeprint", readAll);
