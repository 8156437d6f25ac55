// The kiosk: the start page, one citizen after the other, and what goes on behind them.

import { Scanner } from "./codes.js";
import { Corner, wireCorner } from "./corner.js";
import { Queue } from "./queue.js";
import { revocation } from "./replies.js";
import { Sender } from "./sender.js";
import { Sitting } from "./sitting.js";
import { reflectTools, useTool } from "./tools.js";
import { Updates } from "./updates.js";

const REPORT_EVERY = 5 * 60_000;
const PATIENCE = 8_000; // how long a citizen waits for a receipt

const root = document.getElementById("kiosk");
const attract = document.getElementById("attract");
const { addresses, ...setting } = JSON.parse(root.dataset.setting);
const json = { "Content-Type": "application/json" };

const queue = new Queue();
const sender = new Sender(queue, addresses.sheets, { onRevoked: (reason) => revoke(reason) });
const updates = new Updates({
  address: addresses.worker,
  scope: addresses.shell,
  isFree: () => !sitting && !corner,
});
let sitting = null;
let corner = null;
let heardOn = ""; // the day on which the server last said whether the survey is open

function post(address, body) {
  const signal = AbortSignal.timeout(PATIENCE);
  return fetch(address, { method: "POST", headers: json, body: JSON.stringify(body), signal });
}

// --- citizens ---

const desk = {
  /** The sheet is kept on the disk first; then the server is asked. */
  async send(sheet) {
    let isKept = true;
    try {
      await queue.add(sheet);
    } catch {
      isKept = false;
    }
    if (!isKept) return straight(sheet);
    if (!navigator.onLine) {
      sender.flush();
      return { status: "waiting" };
    }
    const late = new Promise((resolve) => {
      setTimeout(() => resolve({ status: "waiting" }), PATIENCE);
    });
    const told = sender.deliver(sheet.id).catch(() => ({ status: "waiting" })); // it is kept
    return Promise.race([told, late]);
  },

  /** As for sending, though nobody waits for the outcome. */
  async keep(sheet) {
    const isKept = await queue.add(sheet).then(() => true, () => false);
    await (isKept ? sender.deliver(sheet.id) : straight(sheet));
  },

  /** What is wrong with the code of a slip; nothing when it is fine or cannot be asked now. */
  async checkCode(code, language) {
    try {
      const reply = await post(addresses.code, { code, version: setting.version, language });
      return reply.ok || reply.status >= 500 ? "" : (await reply.json()).error;
    } catch {
      return "";
    }
  },

  closed() {
    sitting = null;
    show();
  },
};

/** Without a disk to keep it on, the sheet is safe only once the server says so. */
async function straight(sheet) {
  try {
    const reply = await post(addresses.sheets, [sheet]);
    const [{ status, receipt, reason }] = (await reply.json()).results;
    if (status === "refused") return { status, reason };
    return status === "again" ? { status: "lost" } : { status: "stored", receipt };
  } catch {
    return { status: "lost" };
  }
}

function begin(language, code = "") {
  if (sitting || corner || root.dataset.state !== "open") return;
  const template = document.querySelector(`template[data-sitting="${language}"]`);
  attract.hidden = true;
  sitting = new Sitting(template, setting, desk, { code });
  history.pushState(null, ""); // "back" stays on this page and goes one question back
  sitting.open(root);
}

// --- the start page ---

function today() {
  return new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Ho_Chi_Minh" });
}

/** By the clock of this device; on a day on which the server was heard its word is enough, for the
 * clock may be wrong by years. */
function isInPeriod() {
  const day = today();
  return day === heardOn || (setting.startsOn <= day && day <= setting.endsOn);
}

/** The start page as things stand. Whoever is at it by keyboard keeps the place, if it is still there. */
function show() {
  if (sitting) return;
  if (root.dataset.state !== "revoked") {
    const rest = setting.isPaused && isInPeriod() ? "paused" : "closed";
    root.dataset.state = setting.isOpen && isInPeriod() ? "open" : rest;
  }
  for (const part of attract.querySelectorAll("[data-when]")) {
    part.hidden = part.dataset.when !== root.dataset.state;
  }
  attract.hidden = false;
  const place = attract.querySelector(":focus");
  if (!place?.checkVisibility()) attract.querySelector("h1").focus({ preventScroll: true });
  updates.apply();
}

function revoke(reason) {
  root.dataset.state = "revoked";
  queue.note("revoked", reason || true).catch(() => {});
  show();
}

async function openCorner() {
  if (sitting || corner) return;
  corner = new Corner(document.querySelector("template[data-corner]"), setting, {
    queue,
    sender,
    updates,
    leave,
    onClose: () => { corner = null; show(); },
  });
  corner.open(root);
}

/** Replies may bring or drop the key of this device: one at a time, for all tabs of this browser. */
function withKey(work) {
  return navigator.locks ? navigator.locks.request("hailong-kiosk-key", work) : work();
}

/** Take this device off its place. Sheets that wait stay in the browser, whoever enrols it next. */
async function leave() {
  try {
    const reply = await withKey(() => post(addresses.leave, {}));
    if (!reply.ok) return false;
  } catch {
    return false;
  }
  await queue.note("revoked", undefined);
  await updates.remove();
  location.replace(addresses.enrol);
  return true;
}

// --- behind the start page ---

async function report() {
  try {
    const counts = await queue.counts();
    const body = { ...counts, app_version: setting.programme };
    const reply = await withKey(() => post(addresses.report, body));
    const revoked = await revocation(reply);
    if (revoked) revoke(revoked);
    if (!reply.ok) return;
    const { is_open: isOpen, is_paused: isPaused } = await reply.json();
    Object.assign(setting, { isOpen, isPaused });
    heardOn = today();
    await queue.note("heard", Date.now());
    await queue.note("revoked", undefined);
    if (root.dataset.state === "revoked") root.dataset.state = "open";
    if (!sitting) show();
    await updates.check();
  } catch {
    // without network: later
  }
}

function wire() {
  attract.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.begin) begin(button.dataset.begin);
    else if (button?.dataset.tool) useTool(button);
  });
  wireCorner(attract.querySelector("[data-act=corner]"), openCorner);
  new Scanner(document, (code) => { if (!sitting) begin(setting.languages[0], code); });
  addEventListener("popstate", () => {
    if (!sitting) return;
    sitting.pages?.back();
    history.pushState(null, "");
  });
  addEventListener("pagehide", () => sitting?.close());
  addEventListener("contextmenu", (event) => event.preventDefault());
  addEventListener("dragstart", (event) => event.preventDefault());
  addEventListener("online", report);
}

async function start() {
  reflectTools();
  wire();
  await queue.bringIn().catch(() => {}); // they stay where they are: the next start tries again
  if (await queue.noted("revoked").catch(() => null)) root.dataset.state = "revoked";
  navigator.storage?.persist?.();
  root.hidden = false;
  show();
  await updates.start().catch(() => {}); // the first time needs the network
  sender.start();
  report();
  setInterval(report, REPORT_EVERY);
}

const CAN_WORK = globalThis.isSecureContext && "serviceWorker" in navigator && "indexedDB" in globalThis;
if (CAN_WORK) {
  document.getElementById("plain").hidden = true;
  start();
}
