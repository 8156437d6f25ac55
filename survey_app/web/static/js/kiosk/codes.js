// The codes on slips: typed on the letter pad, or read by a scanner, which types and presses Enter.

const ALPHABET = /^[ABCDEFGHJKMNPQRSTUVWXYZ2-9]+$/;
const LENGTHS = new Set([8, 13]);
const SCANNER_GAP = 400; // milliseconds between two letters of a scanner at most

/** The code in what was typed or scanned, a whole address as well; empty when there is none. */
export function readCode(text) {
  const last = text.trim().replace(/[?#].*$/, "").replace(/\/+$/, "").split("/").at(-1);
  const code = last.replace(/[\s-]/g, "").toUpperCase();
  return LENGTHS.has(code.length) && ALPHABET.test(code) ? code : "";
}

/** Listens for a scanner where no field has the focus; ``onCode`` is told every whole code. */
export class Scanner {
  constructor(target, onCode) {
    this.typed = "";
    this.last = 0;
    target.addEventListener("keydown", (event) => this.hear(event, onCode), { capture: true });
  }

  hear(event, onCode) {
    if (event.target.closest?.("input, textarea, dialog")) return;
    if (event.timeStamp - this.last > SCANNER_GAP) this.typed = "";
    this.last = event.timeStamp;
    if (event.key.length === 1) this.typed = (this.typed + event.key).slice(-300);
    if (event.key !== "Enter") return;
    const code = readCode(this.typed);
    this.typed = "";
    if (!code) return;
    event.preventDefault();
    event.stopPropagation();
    onCode(code);
  }
}
