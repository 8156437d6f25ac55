// The editor with script: an action answers in one round trip and only what changed is replaced; the
// focus stays, what happened is said aloud, rows can be dragged. Without it every form works alike.

import { renew } from "./editor_renewal.js";
import { wireDragging } from "./editor_dragging.js";

const REST = 700; // milliseconds
const BY_SCRIPT = { "X-Requested-With": "editor" };

const root = document.getElementById("editor");
let typed = ""; // the fields of the open part as the server has them
let resting = 0; // the timer of a choice that is saved by itself
let shown = location.pathname + location.search;

function fieldsOf(form) {
  const fields = [...new FormData(form)].filter(([name]) => !["revision", "csrf_token"].includes(name));
  return JSON.stringify(fields);
}

function itemForm() {
  return root.querySelector("form[data-item]");
}

function remember() {
  const form = itemForm();
  shown = location.pathname + location.search;
  typed = form ? fieldsOf(form) : "";
}

function isDirty() {
  const form = itemForm();
  return form !== null && fieldsOf(form) !== typed;
}

function say(sentence, isWrong = false) {
  const said = document.getElementById("editor-said");
  said.textContent = sentence;
  said.classList.toggle("is-wrong", isWrong);
}

/** The button pressed last, found again after the page has changed. */
function sameButton(form, submitter) {
  const buttons = document.getElementById(form.id)?.querySelectorAll("button") ?? [];
  return [...buttons].find((other) => other.name === submitter?.name && other.value === submitter?.value);
}

function isShown(element) {
  return element && element.getClientRects().length > 0 && element.getAttribute("aria-disabled") !== "true";
}

/** Ask for the editor alone and put it in place of what is shown; null when that failed. */
async function exchange(address, options, sent = null) {
  root.setAttribute("aria-busy", "true");
  say(""); // the same sentence again is said again
  try {
    const reply = await fetch(address, { ...options, headers: BY_SCRIPT });
    const text = await reply.text();
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("editor");
    if (reply.redirected || !fresh) {
      say(reply.redirected ? root.dataset.signedOut : root.dataset.failed, true);
      return null;
    }
    document.querySelector(".page > .notice-success")?.remove(); // said by the page before
    renew(root, fresh, (form) => form === sent || form.matches("[data-item]"));
    root.querySelector("#editor-said").classList.remove("is-wrong");
    return { reply, focus: fresh.querySelector("[data-focus]")?.dataset.focus };
  } catch {
    say(root.dataset.failed, true);
    return null;
  } finally {
    root.removeAttribute("aria-busy");
  }
}

function showAddress(reply, isStep) {
  const address = reply.headers.get("X-Editor-Address");
  if (!address || !reply.ok) return;
  const isSame = new URL(address, location.href).href === location.href.replace(/#.*/, "");
  history[isStep && !isSame ? "pushState" : "replaceState"](null, "", address);
}

function focusAfter(candidates) {
  const found = candidates.find(isShown) ?? root.querySelector(".item-title") ?? root;
  if (document.activeElement !== found) found.focus();
}

/** ``stay``: the id of the field that keeps the focus. */
async function send(form, submitter, stay = "") {
  clearTimeout(resting);
  const body = new FormData(form, submitter?.isConnected ? submitter : undefined);
  const isSearch = form.method === "get";
  const address = isSearch ? `${form.action}?${new URLSearchParams(body)}` : form.action;
  const before = location.pathname;
  const options = { method: "POST", body: new URLSearchParams(body) }; // any number of fields
  const found = await exchange(address, isSearch ? {} : options, form);
  if (!found) return false;
  showAddress(found.reply, true);
  remember();
  if (!found.reply.ok) typed = ""; // what was refused is not saved
  const wrong = root.querySelector("#loi, [role=alert]");
  if (!found.reply.ok) {
    wrong?.setAttribute("tabindex", "-1");
    wrong?.focus();
    return false;
  }
  const target = found.focus ? document.getElementById(found.focus) : null;
  const isElsewhere = location.pathname !== before;
  focusAfter([document.getElementById(stay), target, ...(isElsewhere ? [] : [sameButton(form, submitter)])]);
  return true;
}

/** What has been typed is saved before anything else happens. */
async function settle(besides) {
  const form = itemForm();
  if (!form || form === besides || !isDirty()) return true;
  return send(form, form.querySelector("button[value=save]"));
}

async function submit(form, submitter) {
  const [id, name, value] = [form.id, submitter?.name, submitter?.value];
  if (!(await settle(form))) return;
  const now = document.getElementById(id); // it may have been replaced
  const button = [...(now?.querySelectorAll("button") ?? [])].find((b) => b.name === name && b.value === value);
  if (now) await send(now, button);
}

async function open(address, isStep = true) {
  if (!(await settle())) return;
  const found = await exchange(address, {});
  if (!found) return;
  if (isStep) showAddress(found.reply, true);
  remember();
  focusAfter([]);
  root.querySelector(".item-title")?.scrollIntoView({ block: "nearest" });
}

function isPartLink(link) {
  return link && (link.closest(".outline") || link.hasAttribute("data-editor-link"));
}

root.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-editor-form]")) return;
  event.preventDefault();
  if (event.submitter?.getAttribute("aria-disabled") === "true") return;
  submit(event.target, event.submitter);
});

// A choice that decides which fields there are is saved by itself, once the arrow keys rest.
root.addEventListener("change", (event) => {
  clearTimeout(resting);
  const field = event.target;
  if (!field.matches("[data-editor-sends]")) return;
  resting = setTimeout(() => {
    const form = itemForm();
    const stay = document.activeElement?.id ?? "";
    if (field.isConnected && form && isDirty()) send(form, form.querySelector("button[value=save]"), stay);
  }, REST);
});

root.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (isPartLink(link)) {
    event.preventDefault();
    open(link.href);
  } else if (!link.getAttribute("href").startsWith("#") && isDirty()) {
    event.preventDefault();
    settle().then((isSaved) => { if (isSaved) location.href = link.href; });
  }
});

addEventListener("popstate", () => {
  if (location.pathname + location.search !== shown) open(location.href, false); // no mere "#field"
});
addEventListener("beforeunload", (event) => { if (isDirty()) event.preventDefault(); });

wireDragging(root, async (wish) => {
  if (!(await settle())) return;
  const form = document.getElementById("drag");
  form.elements.wish.value = wish;
  await send(form, null);
});
remember();
