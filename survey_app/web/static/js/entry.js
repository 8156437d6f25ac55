// Keying a paper form: each key is read at once, the focus goes on by itself, nothing typed is
// lost. Without this script the page is a plain form.

import { readKeys } from "./keys.js";
import { asked } from "./routing.js";

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** One question: its field, what it means, where it says so. */
class Row {
  constructor(element, words) {
    this.element = element;
    this.words = words;
    this.field = element.querySelector("input, textarea");
    this.echo = element.querySelector(".entry-echo");
    this.refusal = element.querySelector(".error"); // what the server said of it
    this.code = element.dataset.question;
    this.askWhen = JSON.parse(element.dataset.askWhen || "[]");
    this.isText = element.dataset.kind === "text";
    this.reading = {
      kind: element.dataset.kind,
      codes: JSON.parse(element.dataset.codes),
      most: Number(element.dataset.most),
    };
  }

  read() {
    return readKeys(this.field.value, this.reading);
  }

  get isTooMany() {
    return this.reading.most > 0 && this.read().codes.length > this.reading.most;
  }

  /** It was typed anew: what the server said of it is no longer true. */
  forgive() {
    this.refusal?.remove();
    this.refusal = null;
    this.element.classList.remove("entry-wrong");
  }

  /** Tell what the keys mean, and what is wrong with them. */
  show(isAsked) {
    const found = this.read();
    const isFilled = this.field.value.trim() !== "";
    let text = found.labels.join(", ");
    if (found.isUnknown) {
      text = fill(this.words.noKey, { keys: Object.keys(this.reading.codes).join(", ") });
    } else if (this.isTooMany) {
      text = fill(this.words.tooMany, { count: found.codes.length, most: this.reading.most });
    } else if (!isAsked) {
      text = isFilled ? this.words.contradiction : this.words.unasked;
    }
    const isMistaken = Boolean(this.refusal) || found.isUnknown || this.isTooMany || (!isAsked && isFilled);
    this.element.classList.toggle("is-unasked", !isAsked);
    this.element.classList.toggle("is-mistaken", isMistaken);
    if (isMistaken) this.field.setAttribute("aria-invalid", "true");
    else this.field.removeAttribute("aria-invalid");
    this.field.tabIndex = isAsked ? 0 : -1;
    if (this.refusal) text = "";
    if (this.echo.textContent !== text) this.echo.textContent = text;
  }
}

class Entry {
  constructor(form) {
    this.form = form;
    this.number = form.querySelector(".entry-number input");
    this.rows = [...form.querySelectorAll(".entry-row")].map((row) => new Row(row, form.dataset));
    this.save = form.querySelector("button[type=submit]");
    this.stops = [this.number, ...this.rows.map((row) => row.field), this.save];
    this.draft = `hai-long-entry ${form.dataset.draft}`;
    this.isSending = false;
  }

  start() {
    this.form.addEventListener("input", (event) => this.typed(event));
    this.form.addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("keydown", (event) => this.saveByKey(event));
    this.form.addEventListener("focusin", (event) => this.arrived(event.target));
    this.form.addEventListener("submit", (event) => this.submitted(event));
    window.addEventListener("pageshow", () => { this.isSending = false; });
    if (this.form.hasAttribute("data-saved")) sessionStorage.removeItem(this.draft);
    else if (!this.form.hasAttribute("data-refused")) this.restore();
    this.showAll();
    this.begin();
    this.form.dataset.ready = "";
  }

  begin() {
    const wrong = this.form.querySelector("[aria-invalid=true]");
    const first = this.form.hasAttribute("data-refused") && wrong ? wrong : this.number;
    first.focus();
    this.arrived(first);
  }

  /** Which questions are asked, by the answers so far. */
  showAll() {
    const answers = new Map(this.rows.map((row) => [row.code, row.read().codes]));
    this.asked = new Set(asked(this.rows, answers));
    for (const row of this.rows) row.show(this.asked.has(row.code));
  }

  typed(event) {
    const row = this.rows.find((found) => found.field === event.target);
    this.keep();
    if (!row) return;
    row.forgive();
    this.showAll();
    const found = row.read();
    if (found.isUnknown) row.field.select();
    else if (found.isComplete && !row.isTooMany && event.inputType?.startsWith("insert")) {
      this.move(row.field, 1);
    }
  }

  pressed(event) {
    const field = event.target;
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const step = this.stepOf(event, field);
    if (!step) return;
    event.preventDefault();
    this.move(field, step, event.key.startsWith("Arrow"));
  }

  /** Where a key leads: 1 on, -1 back, 0 nowhere. */
  stepOf(event, field) {
    const isWords = field.tagName === "TEXTAREA";
    if (event.key === "Enter") {
      const isStop = field !== this.save && this.stops.includes(field);
      return isStop && !(isWords && event.shiftKey) ? 1 : 0;
    }
    if (event.key === "Backspace") return field.value === "" && field !== this.save ? -1 : 0;
    if (event.key === "ArrowUp") return isWords && field.selectionStart > 0 ? 0 : -1;
    if (event.key === "ArrowDown") return isWords && field.selectionEnd < field.value.length ? 0 : 1;
    return 0;
  }

  /** To the next field; past those not asked, unless ``everywhere``. */
  move(field, step, everywhere = false) {
    let place = this.stops.indexOf(field) + step;
    while (!everywhere && this.stops[place]?.tabIndex === -1) place += step;
    this.stops[place]?.focus();
  }

  arrived(field) {
    if (field.matches("input:not([type=checkbox])")) field.select();
  }

  saveByKey(event) {
    if (event.key !== "F9") return;
    event.preventDefault();
    this.form.requestSubmit(this.save);
  }

  submitted(event) {
    if (this.isSending) event.preventDefault();
    this.isSending = true;
    this.keep();
  }

  /** What is typed stays in this tab until it is saved: a lost session loses nothing. */
  keep() {
    const values = this.stops.slice(0, -1).map((field) => [field.name, field.value]);
    sessionStorage.setItem(this.draft, JSON.stringify(values));
  }

  restore() {
    const kept = sessionStorage.getItem(this.draft);
    if (!kept) return;
    const values = new Map(JSON.parse(kept));
    const fields = this.stops.slice(0, -1);
    if (!this.rows.some((row) => values.get(row.field.name))) return;
    for (const field of fields) field.value = values.get(field.name) ?? field.value;
    const notice = document.querySelector("[data-restored]");
    notice.hidden = false;
    notice.setAttribute("role", "status");
    notice.querySelector("[data-forget]").addEventListener("click", () => {
      sessionStorage.removeItem(this.draft);
      for (const field of fields.slice(1)) field.value = "";
      notice.hidden = true;
      this.showAll();
      this.number.focus();
    });
  }
}

new Entry(document.querySelector("form.entry")).start();
