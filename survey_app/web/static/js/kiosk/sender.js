// Sends the waiting sheets in batches, one sender at a time for all tabs of this browser. A sheet
// leaves the queue only when the server says that it has it.

import { revocation } from "./replies.js";
import { fields } from "./sheets.js";

const MOST_AT_ONCE = 50;
const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 5 * 60_000;
const PATIENCE = 30_000; // for one reply

/** Milliseconds until the next attempt: doubling, and spread so that devices do not march in step. */
export function pause(failures, random = Math.random()) {
  const whole = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures);
  return whole * (0.5 + random / 2);
}

export class Sender {
  /** ``onRevoked``: called when the server no longer knows this device. */
  constructor(queue, address, { onRevoked }) {
    this.queue = queue;
    this.address = address;
    this.onRevoked = onRevoked;
    this.failures = 0;
    this.hasMoved = false; // whether an attempt got rid of any sheet
    this.timer = null;
    this.running = null;
    this.awaited = new Map(); // id → what became of a sheet whose citizen waits for a receipt
  }

  start() {
    addEventListener("online", () => this.flush());
    return this.flush();
  }

  /** Send everything that waits. Returns after the attempt, whatever came of it. */
  flush() {
    this.running ??= this.attempt().finally(() => { this.running = null; });
    return this.running;
  }

  /**
   * Send now and tell what became of one sheet: "stored", "refused" or "waiting". The next citizen
   * may send while the attempt for the one before still runs.
   */
  async deliver(id) {
    this.awaited.set(id, { status: "waiting" });
    try {
      await this.running; // it may have begun before this sheet was there
      if (this.awaited.get(id).status === "waiting") await this.flush();
      return this.awaited.get(id);
    } finally {
      this.awaited.delete(id);
    }
  }

  async attempt() {
    clearTimeout(this.timer);
    let isThrough = false;
    this.hasMoved = false;
    try {
      isThrough = await this.locked(() => this.sendAll());
    } catch {
      isThrough = false;
    }
    // A server that takes no more for this minute, after a thousand sheets, has not failed: who
    // comes back from weeks without network would wait longer after every thousand.
    if (isThrough || this.hasMoved) this.failures = 0;
    if (!isThrough) this.failures += 1;
    if (isThrough) await this.queue.note("sent", Date.now()).catch(() => {});
    this.queue.clean()?.catch(() => {}); // nobody waits for it; the next attempt tries again
    this.timer = setTimeout(() => this.flush(), pause(isThrough ? 6 : this.failures - 1));
  }

  locked(work) {
    if (!navigator.locks) return work();
    return navigator.locks.request("hailong-kiosk-sender", work);
  }

  /** Whether every sheet found its end: stored or refused. */
  async sendAll() {
    let last = "";
    let size = MOST_AT_ONCE;
    let isThrough = true;
    for (;;) {
      const sheets = await this.queue.next(last, size);
      if (sheets.length === 0) return isThrough;
      const results = await this.post(sheets);
      if (results === "too large" && sheets.length > 1) {
        size = Math.max(1, Math.floor(sheets.length / 2));
        continue;
      }
      isThrough = (await this.settle(sheets, results)) && isThrough;
      last = sheets.at(-1).id;
    }
  }

  /** The server's word on each sheet; throws when there was none. */
  async post(sheets) {
    const reply = await fetch(this.address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(sheets.map(fields)),
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (reply.status === 413) return "too large";
    const revoked = await revocation(reply);
    if (revoked) this.onRevoked(revoked);
    if (!reply.ok) throw new Error(`status ${reply.status}`);
    return (await reply.json()).results;
  }

  async settle(sheets, results) {
    if (results === "too large") {
      await this.queue.refuse(sheets[0], "Phiếu quá lớn.");
      return true;
    }
    const byId = new Map(results.map((result) => [result.id, result]));
    const stored = [];
    let isThrough = true;
    for (const sheet of sheets) {
      const result = byId.get(sheet.id) ?? { status: "again" };
      if (result.status === "stored" || result.status === "known") stored.push(sheet.id);
      else if (result.status === "refused") await this.queue.refuse(sheet, result.reason);
      else isThrough = false;
      if (this.awaited.has(sheet.id)) this.awaited.set(sheet.id, outcome(result));
    }
    await this.queue.acknowledge(stored);
    this.hasMoved ||= stored.length > 0;
    return isThrough;
  }
}

function outcome({ status, receipt, reason }) {
  if (status === "refused") return { status, reason };
  return status === "again" ? { status: "waiting" } : { status: "stored", receipt };
}
