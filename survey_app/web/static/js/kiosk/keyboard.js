// The keyboard on the screen. It writes into one field at a time; real keys go on working beside
// it. Pressing a key with a finger leaves the focus, and the cursor, in the field.

import { press, setTone } from "./telex.js";

const ROOM = "(min-width: 720px)"; // on a telephone its own keyboard serves better
const REPEAT_AFTER = 500;
const REPEAT_EVERY = 90;

function without(before) {
  return [...before].slice(0, -1).join("");
}

export class Keyboard {
  /** ``onDone``: the key that closes the keyboard was pressed. */
  constructor(node, { onDone = () => {} } = {}) {
    this.node = node;
    this.onDone = onDone;
    this.field = null;
    this.isUpper = false;
    this.isTelex = "telex" in node.dataset;
    this.said = node.querySelector("[data-said]");
    this.listen = this.listen.bind(this);
    node.addEventListener("pointerdown", (event) => this.hold(event));
    for (const type of ["pointerup", "pointercancel", "pointerleave"]) {
      node.addEventListener(type, () => this.release());
    }
    node.addEventListener("mousedown", (event) => event.preventDefault());
    node.addEventListener("click", (event) => this.hit(event.target.closest("button")));
  }

  static get hasRoom() {
    return matchMedia(ROOM).matches;
  }

  get isComposing() {
    return this.isTelex && this.composes;
  }

  /** Write into ``field`` from now on. ``panel``: "letters", "digits" or "code". */
  attach(field, panel) {
    if (this.field === field) return;
    this.detach();
    this.field = field;
    this.composes = panel === "letters"; // the letters of a code are themselves
    field.addEventListener("beforeinput", this.listen);
    if (!Keyboard.hasRoom) return;
    field.inputMode = "none";
    this.turn(panel);
    this.node.hidden = false;
    document.body.classList.add("is-typing");
  }

  detach() {
    this.release();
    this.field?.removeEventListener("beforeinput", this.listen);
    this.field = null;
    this.node.hidden = true;
    if (this.said) this.said.textContent = "";
    this.shift(false);
    document.body.classList.remove("is-typing");
  }

  turn(panel) {
    for (const one of this.node.querySelectorAll("[data-panel]")) {
      one.hidden = one.dataset.panel !== panel;
    }
  }

  shift(isUpper) {
    this.isUpper = isUpper;
    this.node.classList.toggle("is-upper", isUpper);
    for (const key of this.node.querySelectorAll("[data-act=shift]")) {
      key.setAttribute("aria-pressed", String(isUpper));
    }
  }

  /** A real key: Telex as well, unless the system composes letters itself. */
  listen(event) {
    const isLetter = event.inputType === "insertText" && /^\p{L}$/u.test(event.data ?? "");
    if (!this.isComposing || !isLetter || event.isComposing) return;
    event.preventDefault();
    this.edit((before) => press(before, event.data));
  }

  hold(event) {
    if (!event.target.closest("[data-act=back]")) return;
    this.waiting = setTimeout(() => {
      this.repeating = setInterval(() => this.erase(), REPEAT_EVERY);
    }, REPEAT_AFTER);
  }

  release() {
    clearTimeout(this.waiting);
    clearInterval(this.repeating);
  }

  hit(key) {
    if (!key || !this.field) return;
    const { key: letter, tone, act } = key.dataset;
    if (tone) this.edit((before) => setTone(before, tone));
    else if (act) this.act(act);
    else this.write(letter);
  }

  write(letter) {
    const written = this.isUpper ? letter.toUpperCase() : letter;
    this.edit((before) => (this.isComposing ? press(before, written) : before + written));
    this.shift(false);
  }

  act(name) {
    if (name === "shift") this.shift(!this.isUpper);
    else if (name === "back") this.erase();
    else if (name === "space") this.edit((before) => `${before} `);
    else if (name === "line") this.edit((before) => `${before}\n`);
    else if (name === "telex") this.setTelex(!this.isTelex);
    else if (name === "done") this.onDone();
    else this.turn(name);
  }

  setTelex(isTelex) {
    this.isTelex = isTelex;
    for (const key of this.node.querySelectorAll("[data-act=telex]")) {
      key.setAttribute("aria-pressed", String(isTelex));
    }
  }

  erase() {
    const { selectionStart, selectionEnd } = this.field;
    this.edit(selectionStart === selectionEnd ? without : (before) => before);
  }

  /** Change what stands before the cursor; a selection gives way. */
  edit(change) {
    const { value, selectionStart, selectionEnd, maxLength } = this.field;
    const before = change(value.slice(0, selectionStart));
    const after = value.slice(selectionEnd);
    const text = before + after;
    if (maxLength > 0 && text.length > maxLength && text.length > value.length) return;
    this.field.value = text;
    this.field.setSelectionRange(before.length, before.length);
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    if (this.said) this.said.textContent = before.match(/\S+\s?$/)?.[0] ?? "";
  }
}
