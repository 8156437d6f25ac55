// One question at a time: which page comes next, how far we are, where the focus goes.

import { asked } from "./routing.js";

export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** What is answered on one question, as a list; blank answers are left out. */
export function chosen(page) {
  const fields = [...page.querySelectorAll("input, textarea")];
  return fields
    .filter((field) => (["radio", "checkbox"].includes(field.type) ? field.checked : true))
    .map((field) => field.value.trim())
    .filter((value) => value !== "");
}

export class Pages {
  constructor(form) {
    this.form = form;
    this.isPaged = form.classList.contains("paged");
    this.introduction = form.querySelector(".introduction");
    this.finish = form.querySelector(".finish");
    this.questions = [...form.querySelectorAll("[data-question]")];
    this.rules = this.questions.map((page) => ({
      code: page.dataset.question,
      askWhen: JSON.parse(page.dataset.askWhen || "[]"),
    }));
    this.title = document.title;
  }

  start() {
    for (const note of this.form.querySelectorAll(".condition")) note.hidden = true;
    this.form.addEventListener("change", () => this.route());
    window.addEventListener("hashchange", () => this.arrive());
    this.route();
    if (this.current() !== this.introduction) this.arrive();
  }

  /** The questions that are asked, in order. */
  get asked() {
    return this.questions.filter((page) => !page.hidden);
  }

  current() {
    return this.form.querySelector(".page:target") ?? this.introduction;
  }

  /** Show only what is asked; number it and link it up again. */
  route() {
    const answers = new Map(this.questions.map((page) => [page.dataset.question, chosen(page)]));
    const codes = new Set(asked(this.rules, answers));
    for (const page of this.questions) page.hidden = !codes.has(page.dataset.question);
    const shown = this.asked;
    const way = [this.introduction, ...shown, this.finish];
    shown.forEach((page, index) => this.number(page, index + 1, shown.length));
    way.forEach((page, index) => {
      this.link(page, "next", way[index + 1]);
      this.link(page, "previous", way[index - 1]);
    });
    this.count(shown);
  }

  number(page, number, total) {
    const words = fill(this.form.dataset.progress, { number, total });
    page.querySelector("[data-progress-text]").textContent = words;
    const bar = page.querySelector("progress");
    bar.max = total;
    bar.value = number;
  }

  link(page, direction, target) {
    const link = page.querySelector(`[data-${direction}]`);
    const isResuming = page === this.introduction && !link?.matches(".button-start");
    if (link && target && !isResuming) link.hash = `#${target.id}`;
  }

  count(shown) {
    const place = this.form.querySelector("[data-answered-place]");
    const count = shown.filter((page) => chosen(page).length > 0).length;
    place.textContent = fill(this.form.dataset.answered, { count, total: shown.length });
    place.hidden = false;
  }

  /** After going to another page: what is read out, and what the window is called. */
  arrive() {
    const page = this.current();
    if (page.hidden) {
      location.replace(page.querySelector("[data-next]").hash);
      return;
    }
    const words = page.querySelector("[data-progress-text]")?.textContent;
    document.title = words ? `${words} – ${this.title}` : this.title;
    if (!this.isPaged) return;
    this.route();
    const heading = page.querySelector(".error-summary, .question-text");
    (heading ?? document.querySelector("main")).focus({ preventScroll: true });
    page.scrollIntoView({ block: "start" });
  }

  go(page) {
    location.hash = page.id;
  }
}
