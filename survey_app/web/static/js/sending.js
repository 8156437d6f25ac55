// Sending once: again and again under the same id until the server has answered, while the page and
// its answers stay. The reply to a sheet that was not accepted is left to the browser.

const LONGEST_WAIT_FOR_REPLY = 30_000;
const FIRST_PAUSE = 2; // seconds, doubled each time
const LONGEST_PAUSE = 60;
const MOST_PROOFS = 3; // the link may ask for more work in the meantime
const REFUSED_FOR_GOOD = [403, 404, 409, 410];

/** Come back to the same question when the page is shown in another way. */
function keepPlace(form, forget) {
  for (const button of document.querySelectorAll("button[name=_display]")) {
    button.addEventListener("click", () => {
      forget();
      const address = new URL(form.action);
      if (button.value.startsWith("page:")) address.search = "";
      button.formAction = address.href + location.hash;
    });
  }
}

function post(form) {
  const aborter = new AbortController();
  const clock = setTimeout(() => aborter.abort(), LONGEST_WAIT_FOR_REPLY);
  const body = new URLSearchParams(new FormData(form));
  const request = fetch(form.action, { method: "POST", body, signal: aborter.signal });
  return request.finally(() => clearTimeout(clock));
}

class Sender {
  constructor(form, draft) {
    this.form = form;
    this.draft = draft;
    this.button = form.querySelector(".button-send");
    this.words = this.button.textContent;
    this.isDirty = draft.isAnswered;
    this.isSending = false;
    this.failures = 0;
  }

  wire() {
    keepPlace(this.form, () => { this.isDirty = false; });
    this.form.addEventListener("input", () => { this.isDirty = true; this.holdBack(); });
    this.form.addEventListener("submit", (event) => {
      if (event.submitter?.name === "_display") return;
      event.preventDefault();
      this.failures = 0;
      this.send();
    });
    window.addEventListener("online", () => { if (this.timer) this.send(); });
    window.addEventListener("beforeunload", (event) => {
      if (this.isDirty && !this.isSending) event.preventDefault();
    });
    // A page that comes back from the browser's memory after its sheet was sent asks the server.
    window.addEventListener("pageshow", (event) => {
      if (event.persisted && this.draft.isOver) location.reload();
    });
  }

  async send() {
    if (this.isSending) return;
    this.isSending = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.button.setAttribute("aria-disabled", "true");
    this.button.textContent = this.form.dataset.sending;
    this.form.elements._seconds.value = String(Math.min(86400, Math.round(this.draft.spent / 1000)));
    const trouble = await this.deliver();
    if (trouble) this.retryLater(trouble);
  }

  /** What kept the sheet from being sent, with the seconds the server asks to wait; or nothing. */
  async deliver() {
    let reply;
    try {
      reply = await post(this.form);
      for (let proofs = 0; proofs < MOST_PROOFS; proofs += 1) {
        const challenge = reply.status === 429 && reply.headers.get("Proof-Challenge");
        if (!challenge) break;
        const { prove } = await import("./proof.js"); // seldom needed
        this.form.elements._proof.value = await prove(challenge);
        reply = await post(this.form);
      }
    } catch {
      return { words: "offline", seconds: 0 };
    }
    if (reply.status === 429 || reply.status >= 500) {
      return { words: "busy", seconds: Number(reply.headers.get("Retry-After")) || 0 };
    }
    this.leave(reply);
    return null;
  }

  leave(reply) {
    this.isDirty = false;
    const isStored = reply.redirected && reply.ok;
    if (isStored || REFUSED_FOR_GOOD.includes(reply.status)) this.draft.finish();
    if (isStored) location.replace(reply.url); // Back does not show the answers
    else this.form.submit();
  }

  retryLater({ words, seconds }) {
    this.isSending = false;
    this.button.textContent = this.words;
    this.button.removeAttribute("aria-disabled");
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.failures);
    this.failures += 1;
    this.timer = setTimeout(() => this.send(), 1000 * Math.max(pause, seconds));
    this.tell(this.form.dataset[words]);
  }

  /** Whoever goes on answering while the sheet waits sends it by hand: it is not to leave halfway. */
  holdBack() {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.tell(this.form.dataset.held);
  }

  tell(sentence) {
    const notice = this.form.querySelector("[data-send-notice]");
    if (notice.textContent !== sentence) notice.textContent = sentence; // read out once
    notice.hidden = false;
  }
}

export function wireSending(form, draft) {
  new Sender(form, draft).wire();
}
