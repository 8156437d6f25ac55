// The pages of a sheet at the kiosk. Which one is in front is known to this object only: no page
// has an address, so neither the back button nor the history leads to an answer.

import { Pages } from "../pages.js";

export class SittingPages extends Pages {
  /** ``onShow``: told every page that comes in front. */
  constructor(form, { onShow }) {
    super(form);
    this.onShow = onShow;
    this.shown = this.introduction;
    this.windowTitle = document.title;
  }

  start() {
    for (const note of this.form.querySelectorAll(".condition")) note.hidden = true;
    this.form.addEventListener("change", () => this.route());
    this.form.addEventListener("click", (event) => this.follow(event));
    this.route();
    this.go(this.introduction);
  }

  current() {
    return this.shown;
  }

  /** The links "next" and "back". A check that found a mistake has stopped the event before. */
  follow(event) {
    const link = event.target.closest("[data-next], [data-previous]");
    if (!link) return;
    const isStopped = event.defaultPrevented;
    event.preventDefault();
    if (!isStopped) this.go(this.pageOf(link));
  }

  pageOf(link) {
    const id = decodeURIComponent(link.hash.slice(1));
    return [this.introduction, ...this.questions, this.finish].find((page) => page.id === id);
  }

  back() {
    const link = this.shown.querySelector("[data-previous]");
    if (link) this.go(this.pageOf(link));
  }

  go(page) {
    this.shown = page;
    for (const other of [this.introduction, ...this.questions, this.finish]) {
      other.classList.toggle("is-shown", other === page);
    }
    this.route();
    const words = page.querySelector("[data-progress-text]")?.textContent;
    document.title = words ? `${words} – ${this.windowTitle}` : this.windowTitle;
    this.form.scrollTop = 0;
    page.querySelector(".question-text")?.focus({ preventScroll: true });
    this.onShow(page);
  }

  close() {
    document.title = this.windowTitle;
  }
}
