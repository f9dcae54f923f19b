// @ts-check
/** What is being drawn: a card for each request, over the picture, so that nothing moves. */

import { focused, make } from "./dom.js";

/**
 * @param {import("./types").Model} model
 * @param {() => void} left What to do when the card that had the focus is gone.
 */
export function jobList(model, left) {
  const words = () => model.get("words");
  /** @type {Map<string, {row: HTMLElement, began: number, over: boolean}>} */
  const jobs = new Map();
  const list = make("div", { class: "nbext-jobs" });

  /** @param {string} prompt */
  const card = (prompt) =>
    make(
      "div",
      { class: "nbext-job", role: "group", "aria-label": prompt },
      make("img", { alt: "", hidden: true }),
      make(
        "div",
        { class: "nbext-job-text" },
        make("div", { class: "nbext-job-head" }, make("b"), make("span", { class: "nbext-by" }), make("span", { class: "nbext-time" })),
        make("div", { class: "nbext-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": prompt }, make("i")),
        make("div", { class: "nbext-job-words" }),
        make("div", { class: "nbext-remedy" }),
      ),
      make("div", { class: "nbext-job-buttons" }),
    );

  /** @param {HTMLElement} row @param {number} seconds */
  const setTime = (row, seconds) => {
    const time = row.querySelector(".nbext-time");
    if (time) time.textContent = `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  };

  /** @param {any} message */
  function update(message) {
    let job = jobs.get(message.id);
    if (!job) {
      job = { row: card(message.prompt), began: Date.now() - message.elapsed * 1000, over: false };
      jobs.set(message.id, job);
      list.prepend(job.row);
    }
    const { row } = job;
    job.over = message.state !== "running";
    /** @param {string} name @returns {any} */
    const part = (name) => row.querySelector(name);
    // What is drawn, first: several of one model look alike otherwise.
    part("b").textContent = part("b").title = message.prompt;
    part(".nbext-by").textContent = part(".nbext-by").title = message.model;
    part(".nbext-job-words").textContent = message.words;
    part(".nbext-remedy").textContent = message.remedy ?? "";
    setTime(row, message.elapsed);
    const bar = part(".nbext-bar");
    bar.hidden = job.over;
    bar.setAttribute("aria-label", message.words);
    bar.classList.toggle("nbext-unknown", message.percent == null);
    if (message.percent == null) bar.removeAttribute("aria-valuenow");
    else bar.setAttribute("aria-valuenow", String(Math.round(message.percent)));
    bar.firstChild.style.width = message.percent == null ? "" : `${message.percent}%`;
    row.classList.toggle("nbext-failed", message.state === "failed");
    if (row.dataset.state === message.state) return;
    row.dataset.state = message.state;
    /** @param {string} name @param {string} label */
    const button = (name, label) =>
      make("button", { type: "button", "aria-label": `${label}: ${message.prompt}`, onclick: () => model.send({ do: name, id: message.id }) }, label);
    if (job.over) row.setAttribute("role", "alert");
    part(".nbext-job-buttons").replaceChildren(
      ...(job.over ? [button("retry", words().try_again), button("dismiss", words().dismiss)] : [button("cancel", words().cancel)]),
    );
  }

  /** @param {any} message @param {any[]} buffers */
  function preview(message, buffers) {
    const image = jobs.get(message.id)?.row.querySelector("img");
    if (!image) return;
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(new Blob([buffers[0]]));
    image.hidden = false;
  }

  /** @param {any} message */
  function remove(message) {
    const row = jobs.get(message.id)?.row;
    if (row?.contains(focused(list))) left();
    row?.remove();
    jobs.delete(message.id);
  }

  const ticking = setInterval(() => {
    for (const { row, began, over } of jobs.values()) if (!over) setTime(row, (Date.now() - began) / 1000);
  }, 200);

  return { list, update, preview, remove, stop: () => clearInterval(ticking) };
}
