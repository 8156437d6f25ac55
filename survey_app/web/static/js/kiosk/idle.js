// Whether anybody is still there. Deadlines are moments, not counts: a device that slept for an
// hour wakes up to an hour gone.

const TICK = 250;

export class Idle {
  /** ``seconds`` until ``onAsk``; ``countdown`` seconds after that ``onGone``. */
  constructor({ seconds, countdown, onAsk, onTick, onGone }) {
    this.patience = seconds * 1000;
    this.countdown = countdown * 1000;
    Object.assign(this, { onAsk, onTick, onGone });
    this.isAsking = false;
    this.seen = Date.now();
    this.look = this.look.bind(this);
    this.timer = setInterval(this.look, TICK);
    document.addEventListener("visibilitychange", this.look);
  }

  /** Somebody did something. While the question stands, only its buttons count. */
  touch() {
    if (!this.isAsking) this.seen = Date.now();
  }

  /** The question was answered: go on, with more time from now on if it was asked for. */
  stay({ needsMore = false } = {}) {
    if (needsMore) this.patience *= 2;
    this.isAsking = false;
    this.seen = Date.now();
  }

  look() {
    const gone = Date.now() - this.seen;
    if (gone >= this.patience + this.countdown) {
      this.stop();
      this.onGone();
    } else if (gone >= this.patience) {
      if (!this.isAsking) this.onAsk();
      this.isAsking = true;
      this.onTick(Math.ceil((this.patience + this.countdown - gone) / 1000));
    }
  }

  stop() {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.look);
  }
}
