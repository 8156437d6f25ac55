// Unsent answers outlive a reload, a lost connection and the Back button: in the storage of this
// tab alone, for half an hour after the last one, cleared when the sheet is sent or somebody wipes
// it. Whoever opens the link anew in this tab finds an empty sheet, and is asked first.

import { chosen } from "./pages.js";

const LONGEST_MS = 30 * 60 * 1000;
const PAUSE_MS = 300;

const isChoice = (field) => ["radio", "checkbox"].includes(field.type);

export class Draft {
  constructor(form, pages) {
    this.form = form;
    this.pages = pages;
    this.key = `phieu:${location.pathname}`;
    this.id = form.elements._response_id.value;
    this.before = 0; // milliseconds spent on this sheet before this page was loaded
    this.touched = Date.now(); // when something was last answered
    this.isOver = false;
  }

  get fields() {
    const all = [...this.form.querySelectorAll("[data-question] :is(input, textarea)")];
    return all.filter((field) => field.name);
  }

  get isAnswered() {
    return this.pages.questions.some((page) => chosen(page).length > 0);
  }

  /** Whether this place in the tab's history held the sheet before: a reload, a way back. */
  get isReturning() {
    return history.state?.sheet === this.id;
  }

  mark() {
    if (!this.isReturning) history.replaceState({ ...history.state, sheet: this.id }, "");
  }

  /** How long this sheet has been open, in milliseconds. */
  get spent() {
    return this.before + performance.now();
  }

  /** What was answered on this sheet of late and is not on the page; null when there is nothing. */
  find() {
    if (this.isAnswered) return null; // the page brought its answers along
    const kept = this.read();
    if (kept?.id === this.id && Date.now() - kept.at < LONGEST_MS) return kept;
    this.clear(); // somebody else's turn, or too long ago
    return null;
  }

  putBack(kept) {
    this.before = kept.spent;
    this.touched = kept.at;
    const given = new Map(kept.answers);
    for (const field of this.fields) {
      const values = given.get(field.name) ?? [];
      if (isChoice(field)) field.checked = values.includes(field.value);
      else [field.value = ""] = values;
    }
    this.change();
  }

  /** Let the skip rules and the count of answers see what was put in or wiped here. */
  change() {
    this.form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  watch() {
    let pause;
    this.form.addEventListener("input", () => {
      this.touched = Date.now();
      clearTimeout(pause);
      pause = setTimeout(() => this.save(), PAUSE_MS);
    });
    this.mark();
    window.addEventListener("hashchange", () => this.mark());
    window.addEventListener("pagehide", () => this.save());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.save(); });
    if (this.isAnswered) this.save();
  }

  save() {
    clearTimeout(this.end);
    if (this.isOver || !this.isAnswered) return;
    const answers = new Map();
    for (const field of this.fields) {
      const isGiven = isChoice(field) ? field.checked : field.value;
      if (isGiven) answers.set(field.name, [...(answers.get(field.name) ?? []), field.value]);
    }
    const kept = { id: this.id, at: this.touched, spent: this.spent, answers: [...answers] };
    try {
      sessionStorage.setItem(this.key, JSON.stringify(kept));
    } catch {
      return; // no storage, or no room: the answers are on the screen all the same
    }
    this.end = setTimeout(() => this.clear(), this.touched + LONGEST_MS - Date.now());
  }

  read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  clear() {
    clearTimeout(this.end);
    try {
      sessionStorage.removeItem(this.key);
    } catch {
      // without storage nothing was kept
    }
  }

  /** The sheet has left: nothing of it is kept from here on. */
  finish() {
    this.isOver = true;
    this.clear();
  }

  /** Wipe what was answered, on the page and in the storage. */
  erase() {
    for (const field of this.fields) {
      if (isChoice(field)) field.checked = false;
      else field.value = "";
    }
    this.clear();
    this.change();
  }
}

/** Put back, or offer, what was not sent; the buttons that take it or wipe it. */
export function wireDraft(form, draft) {
  const notice = form.querySelector("[data-draft-notice]");
  const resume = notice.querySelector("[data-resume]");
  const tell = (sentence) => {
    notice.querySelector("p").textContent = sentence;
    resume.hidden = true;
    notice.hidden = false;
  };
  const putBack = (kept) => {
    draft.putBack(kept);
    tell(form.dataset.restored);
  };
  const kept = draft.find();
  if (kept && draft.isReturning) putBack(kept);
  else if (kept) {
    tell(form.dataset.offered);
    resume.hidden = false;
    resume.addEventListener("click", () => putBack(kept));
  }
  for (const place of form.querySelectorAll("[data-erase]")) {
    place.hidden = false;
    place.querySelector("button").addEventListener("click", () => {
      if (!window.confirm(form.dataset.eraseQuestion)) return;
      draft.erase();
      location.hash = "";
      setTimeout(() => tell(form.dataset.erased)); // after the page has turned
    });
  }
  window.addEventListener("hashchange", () => { notice.hidden = true; });
  draft.watch();
}
