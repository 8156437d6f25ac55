// The clerk's corner: how many sheets wait, sending them now, taking them away in a file. Behind a
// PIN that is checked without network.

import { Idle } from "./idle.js";
import { exported } from "./sheets.js";

const HOLD = 3_000; // milliseconds
const TRIES = 5;
const LOCKED = 60_000;
const UNTOUCHED = 60; // seconds until it closes by itself

function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** Whether the PIN is the one set for this device: PBKDF2, SHA-256, as the server made it. */
export async function isRightPin(pin, { salt, hash, iterations }) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, [
    "deriveBits",
  ]);
  const parameters = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations };
  const found = new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256));
  const wanted = bytes(hash);
  return found.length === wanted.length && found.every((byte, place) => byte === wanted[place]);
}

/** Calls ``onOpen`` after a long press, or at once when the button is pressed by the keyboard. */
export function wireCorner(button, onOpen) {
  let timer;
  button.addEventListener("pointerdown", () => {
    button.classList.add("is-held");
    timer = setTimeout(onOpen, HOLD);
  });
  for (const type of ["pointerup", "pointerleave", "pointercancel"]) {
    button.addEventListener(type, () => {
      button.classList.remove("is-held");
      clearTimeout(timer);
    });
  }
  button.addEventListener("click", (event) => {
    if (event.detail === 0) onOpen();
  });
}

function moment(time, otherwise) {
  return time ? new Date(time).toLocaleString("vi-VN", { timeZone: "Asia/Ho_Chi_Minh" }) : otherwise;
}

export class Corner {
  static wrong = 0;
  static lockedUntil = 0;

  /** ``office``: {queue, sender, updates, leave(), onClose()}. */
  constructor(template, setting, office) {
    Object.assign(this, { setting, office });
    this.dialog = template.content.firstElementChild.cloneNode(true);
    this.hasExported = false;
  }

  find(selector) {
    return this.dialog.querySelector(selector);
  }

  open(place) {
    place.append(this.dialog);
    this.dialog.addEventListener("close", () => this.close());
    this.dialog.addEventListener("click", (event) => this.act(event.target.closest("button")));
    this.find(".pin-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.enter();
    });
    this.idle = new Idle({
      seconds: UNTOUCHED, countdown: 0, onAsk: () => {}, onTick: () => {}, onGone: () => this.dialog.close(),
    });
    for (const type of ["pointerdown", "keydown"]) {
      this.dialog.addEventListener(type, () => this.idle.touch(), true);
    }
    this.dialog.showModal();
    this.find(".pin-input").focus();
  }

  act(button) {
    const { act, digit } = button?.dataset ?? {};
    const field = this.find(".pin-input");
    if (digit) field.value = (field.value + digit).slice(0, 8);
    const acts = {
      "pin-back": () => { field.value = field.value.slice(0, -1); },
      close: () => this.dialog.close(),
      send: () => this.send(),
      export: () => this.save(),
      forget: () => this.forget(),
      update: () => this.office.updates.check(),
      leave: () => this.leave(),
    };
    acts[act]?.();
  }

  async enter() {
    const field = this.find(".pin-input");
    const error = this.find("[data-pin-error]");
    const pin = field.value;
    field.value = "";
    if (Date.now() < Corner.lockedUntil) {
      error.textContent = error.dataset.locked;
      return;
    }
    Corner.wrong += 1; // counted before it is known: attempts may overlap
    if (Corner.wrong % TRIES === 0) Corner.lockedUntil = Date.now() + LOCKED;
    if (await isRightPin(pin, this.setting.pin)) {
      Corner.wrong = Corner.lockedUntil = 0;
      this.enterRoom();
      return;
    }
    error.textContent = error.dataset[Date.now() < Corner.lockedUntil ? "locked" : "wrong"];
    field.focus();
  }

  enterRoom() {
    this.find(".pin-room").hidden = true;
    this.find(".clerk-room").hidden = false;
    this.find(".clerk-room h2").focus();
    this.show();
  }

  async show() {
    const { queue } = this.office;
    const { waiting, refused } = await queue.counts();
    const facts = {
      waiting,
      refused,
      sent: moment(await queue.noted("sent"), "–"),
      heard: moment(await queue.noted("heard"), "–"),
      network: this.dialog.dataset[navigator.onLine ? "online" : "offline"],
      ready: this.dialog.dataset[this.office.updates.isOffline ? "ready" : "notReady"],
    };
    for (const [name, value] of Object.entries(facts)) {
      this.find(`[data-fact=${name}]`).textContent = value;
    }
    const list = this.find("[data-refusals]");
    const reasons = (await queue.refused()).map(({ reason }) => reason);
    list.replaceChildren(...[...new Set(reasons)].map((reason) => {
      const count = reasons.filter((other) => other === reason).length;
      return Object.assign(document.createElement("li"), { textContent: `${reason} (${count})` });
    }));
    this.find("[data-act=forget]").hidden = refused === 0;
  }

  tell(name) {
    this.find("[data-told]").textContent = this.dialog.dataset[name];
  }

  async send() {
    this.tell("sending");
    await this.office.sender.flush();
    const { waiting } = await this.office.queue.counts();
    this.tell(waiting ? "notAllSent" : "allSent");
    await this.show();
  }

  async save() {
    const sheets = await this.office.queue.all();
    const file = new Blob([exported(sheets)], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `hailong-kiosk-${new Date().toISOString().slice(0, 10)}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    this.exportedIds = new Set(sheets.map(({ id }) => id));
    this.tell("exported");
  }

  /** Refused sheets may go once they are in a file. */
  async forget() {
    const ids = (await this.office.queue.refused()).map(({ id }) => id);
    if (!ids.every((id) => this.exportedIds?.has(id))) this.tell("exportFirst");
    else {
      await this.office.queue.forgetRefused(ids);
      await this.office.queue.clean()?.catch(() => {});
      this.tell("forgotten");
      await this.show();
    }
  }

  async leave() {
    const left = await this.office.queue.all();
    if (!left.every(({ id }) => this.exportedIds?.has(id))) this.tell("exportFirst");
    else if (!(await this.office.leave())) this.tell("leaveNeedsNetwork");
  }

  close() {
    this.idle.stop();
    this.dialog.remove();
    this.office.onClose();
  }
}
