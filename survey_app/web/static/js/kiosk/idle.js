// Whether anybody is still there. Two clocks tell: the wall clock, which goes on while the device
// sleeps, and one that counts waking time, which nobody can put back. The longer time is believed.

const TICK = 250;
const CORRECTION = 5_000; // milliseconds a wall clock may be put back by those who keep it right

export class Idle {
  /** ``seconds`` until ``onAsk``; ``countdown`` seconds after that ``onGone``. */
  constructor({ seconds, countdown, onAsk, onTick, onGone }) {
    this.patience = seconds * 1000;
    this.countdown = countdown * 1000;
    Object.assign(this, { onAsk, onTick, onGone });
    this.isAsking = false;
    this.see();
    this.look = this.look.bind(this);
    this.timer = setInterval(this.look, TICK);
    document.addEventListener("visibilitychange", this.look);
  }

  see() {
    this.seen = { wall: Date.now(), waking: performance.now() };
  }

  /** Milliseconds since somebody was last seen; for ever, when the clock cannot tell. */
  get gone() {
    const wall = Date.now() - this.seen.wall;
    if (wall < -CORRECTION) return Infinity;
    return Math.max(wall, performance.now() - this.seen.waking);
  }

  /** Somebody did something. While the question stands, only its buttons count. */
  touch() {
    if (!this.isAsking) this.see();
  }

  /** The question was answered: go on, with more time from now on if it was asked for. */
  stay({ needsMore = false } = {}) {
    if (needsMore) this.patience *= 2;
    this.isAsking = false;
    this.see();
  }

  look() {
    const { gone } = this;
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
