// The editor with script: an action answers in one round trip and only what changed is replaced; the
// focus stays, what happened is said aloud, rows can be dragged. Without it every form works alike.
//
// Actions wait for one another, so that nobody is in the way of himself. What is typed while one is
// under way stays on the page, or is saved before the page shows another part.

import { renew } from "./editor_renewal.js";
import { wireDragging } from "./editor_dragging.js";
import { Sent, fieldCalled, fieldsOf, putBack } from "./editor_typing.js";

const REST = 700; // milliseconds
const BY_SCRIPT = { "X-Requested-With": "editor" };
const ADDS = "#new-question, #new-section, #new-scale"; // what they hold is sent once

const root = document.getElementById("editor");
let saved = ""; // the fields of the open part as the server has them
let resting = 0; // the timer of a choice that is saved by itself
let shown = location.pathname + location.search;
let turn = Promise.resolve(); // the end of all actions asked for so far

function inTurn(act) {
  turn = turn.then(act, act);
}

function itemForm(within = root) {
  return within.querySelector("form[data-item]");
}

function isDirty() {
  const form = itemForm();
  return form !== null && fieldsOf(form) !== saved;
}

function say(sentence, isWrong = false) {
  const said = document.getElementById("editor-said");
  said.textContent = sentence;
  said.classList.toggle("is-wrong", isWrong);
}

/** The button of a form that says this: one that can be seen, if there is one. */
function findButton(form, name, value) {
  const found = [...(form?.querySelectorAll("button") ?? [])].filter((button) => button.name === name && button.value === value);
  return found.find((button) => button.ariaHidden !== "true") ?? found[0];
}

function isShown(element) {
  return element && element.getClientRects().length > 0 && element.getAttribute("aria-disabled") !== "true";
}

/** Ask for the editor alone; null when that failed, ``fresh`` null where a part is no more. */
async function ask(address, body = null) {
  root.setAttribute("aria-busy", "true");
  say(""); // the same sentence again is said again
  try {
    const options = body ? { method: "POST", body: new URLSearchParams(body) } : {}; // any number of fields
    const reply = await fetch(address, { ...options, headers: BY_SCRIPT });
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").getElementById("editor");
    if (!reply.redirected && fresh) {
      if (reply.ok) takeRevision(fresh);
      return { reply, fresh, address: reply.headers.get("X-Editor-Address"), ...fresh.querySelector("#editor-reply")?.dataset };
    }
    say(reply.redirected ? root.dataset.signedOut : root.dataset.failed, true);
    return reply.status === 404 ? { reply, fresh: null } : null;
  } catch {
    say(root.dataset.failed, true);
    return null;
  } finally {
    root.removeAttribute("aria-busy");
  }
}

/** The forms are about the draft as it has just been saved, whether it is shown already or not. */
function takeRevision(fresh) {
  const revision = fresh.querySelector("[name=revision]")?.value;
  for (const field of root.querySelectorAll("[name=revision]")) field.value = revision ?? field.value;
}

/** Put an answer in place of what is shown. ``sent``: what had been typed when it was asked for. */
function show(found, sent, form, isStep) {
  const { typed, key } = sent;
  document.querySelector(".page > .notice-success")?.remove(); // said by the page before
  const done = (field) => field.form === form || field.form.matches("[data-item]");
  renew(root, found.fresh, (field) => done(field) && !sent.isTyped(field));
  putBack(itemForm(), typed);
  root.querySelector("#editor-said").classList.remove("is-wrong");
  showAddress(found, isStep);
  const now = itemForm(found.fresh);
  saved = found.reply.ok && now ? fieldsOf(now) : ""; // what was refused is not saved
  return fieldCalled(itemForm(), key);
}

function showAddress({ reply, address }, isStep) {
  if (address && (reply.ok || reply.status === 409)) { // what both changed has a page of its own
    const isSame = new URL(address, location.href).href === location.href.replace(/#.*/, "");
    history[isStep && !isSame ? "pushState" : "replaceState"](null, "", address);
  }
  shown = location.pathname + location.search;
}

function focusAfter(candidates) {
  const found = candidates.find(isShown) ?? root.querySelector(".item-title") ?? root;
  if (document.activeElement !== found) found.focus();
}

/** Take what is to be added out of its field; gives what puts it back before what was typed since. */
function takeOut(form) {
  const taken = [...form.querySelectorAll(ADDS)].map((field) => [field, field.value]);
  for (const [field] of taken) field.value = "";
  return () => {
    for (const [field, text] of taken) field.value = `${text} ${field.value}`.trim();
  };
}

function adds(button) {
  return /^(save|add-)/.test(button?.value); // as the server reads them
}

/** ``stay``: the id of the field that keeps the focus. */
async function send(form, submitter, stay = "") {
  clearTimeout(resting);
  const body = new FormData(form, submitter?.isConnected ? submitter : undefined);
  const isSearch = form.method === "get";
  const before = location.pathname;
  const giveBack = isSearch ? () => {} : takeOut(form);
  const sent = new Sent(form, itemForm());
  const fields = fieldsOf(form);
  if (!adds(submitter)) giveBack(); // such a button adds nothing: the words wait
  const found = await (isSearch ? ask(`${form.action}?${new URLSearchParams(body)}`) : ask(form.action, body));
  if (!found?.reply.ok && adds(submitter)) giveBack();
  if (!found?.fresh) return false;
  if (!found.reply.ok) {
    if (form.matches("[data-item]") && sent.hasTypedInto(form)) return send(form, submitter, stay); // as it reads now
    return refuse(found, sent, form);
  }
  if (form.matches("[data-item]")) saved = fields;
  const rest = await saveRest(found, sent, form);
  if (!rest) return false;
  if (!rest.found.reply.ok) return refuse(rest.found, rest.sent, form);
  const kept = show(rest.found, rest.sent, form, true);
  const target = found.focus ? document.getElementById(found.focus) : null;
  const again = location.pathname === before ? findButton(document.getElementById(form.id), submitter?.name, submitter?.value) : null;
  focusAfter([kept, document.getElementById(stay), target, again]);
  return true;
}

function refuse(found, sent, form) {
  show(found, sent, form, true);
  const wrong = root.querySelector("#loi, [role=alert]");
  wrong?.setAttribute("tabindex", "-1");
  wrong?.focus();
  return false;
}

/** What was typed since and has no field in the answer is saved first; gives what to show then. */
async function saveRest(first, sent, sender) {
  let found = first;
  let latest = sent;
  const said = first.fresh.querySelector("#editor-said").textContent;
  for (let form = itemForm(); form && latest.hasTypedInto(form) && isDirty(); form = itemForm()) {
    const own = form.getAttribute("action");
    const home = form === sender && first.home ? first.home : own; // its code may be another now
    const next = itemForm(found.fresh);
    const isSamePart = form === sender && first.home ? home === first.address : next?.getAttribute("action") === own;
    if (latest.fits(form, next) && (isSamePart || onlyAdds(form, latest))) break;
    const giveBack = next?.querySelector("#new-question") ? takeOut(form) : () => {};
    const body = new FormData(form);
    body.set("wish", "save");
    const fields = fieldsOf(form);
    latest = new Sent(form);
    giveBack();
    found = await ask(home, body);
    if (found && !found.fresh) return { found: first, sent: latest }; // the part itself was removed
    if (!found?.reply.ok) return found && { found, sent: latest };
    saved = fields;
    if (!isSamePart) found = await ask(first.address);
    if (!found?.fresh) return null;
    found.fresh.querySelector("#editor-said").textContent = said;
  }
  return { found, sent: latest };
}

/** Whether nothing but the words of what is to be added next was typed: every part has that field. */
function onlyAdds(form, sent) {
  return [...form.elements].every((field) => !sent.isTyped(field) || field.matches(ADDS));
}

/** What has been typed is saved before anything else happens. */
async function settle(besides) {
  const form = itemForm();
  if (!form || form === besides || !isDirty()) return true;
  return send(form, findButton(form, "wish", "save"));
}

/** ``part``: the address of the part that was open when the button was pressed. */
async function submit(id, name, value, part) {
  if (!(await settle(document.getElementById(id)))) return;
  const form = document.getElementById(id); // it may have been replaced
  const button = findButton(form, name, value);
  const isOfAnotherPart = form?.matches("[data-item]") && form.getAttribute("action") !== part;
  if (form && !isOfAnotherPart && (button || !name)) await send(form, button);
}

async function open(address, isStep = true) {
  let sent;
  let found;
  do {
    if (!(await settle())) return;
    sent = new Sent(itemForm());
    found = await ask(address);
    if (!found?.fresh) return;
  } while (isDirty()); // somebody types on
  show(found, sent, null, isStep);
  focusAfter([]);
  root.querySelector(".item-title")?.scrollIntoView({ block: "nearest" });
}

function isPartLink(link) {
  return link && (link.closest(".outline") || link.hasAttribute("data-editor-link"));
}

root.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!form.matches("[data-editor-form]")) return;
  event.preventDefault();
  if (submitter?.getAttribute("aria-disabled") === "true") return;
  const [id, name, value, part] = [form.id, submitter?.name, submitter?.value, form.getAttribute("action")];
  inTurn(() => submit(id, name, value, part));
});

// A choice that decides which fields there are is saved by itself, once the arrow keys rest.
root.addEventListener("change", (event) => {
  clearTimeout(resting);
  const field = event.target;
  if (!field.matches("[data-editor-sends]")) return;
  resting = setTimeout(() => inTurn(() => {
    const form = itemForm();
    const stay = document.activeElement?.id ?? "";
    return field.isConnected && form && isDirty() ? send(form, findButton(form, "wish", "save"), stay) : null;
  }), REST);
});

root.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (isPartLink(link)) {
    event.preventDefault();
    inTurn(() => open(link.href));
  } else if (!link.getAttribute("href").startsWith("#") && isDirty()) {
    event.preventDefault();
    inTurn(async () => { if (await settle()) location.href = link.href; });
  }
});

addEventListener("popstate", () => {
  const address = location.pathname + location.search;
  if (address !== shown) inTurn(() => open(address, false)); // no mere "#field"
});
addEventListener("beforeunload", (event) => { if (isDirty()) event.preventDefault(); });

wireDragging(root, (wish) => inTurn(async () => {
  if (!(await settle())) return;
  const form = document.getElementById("drag");
  form.elements.wish.value = wish;
  await send(form, null);
}));
saved = itemForm() ? fieldsOf(itemForm()) : "";
