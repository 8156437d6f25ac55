// Sending once, and keeping the sheet on the screen while there is no network. The reply to a
// sheet that was not accepted is left to the browser: sending it again is harmless (same id).

let isDirty = false;
let isSending = false;

function secondsSince(start) {
  return String(Math.min(86400, Math.round((performance.now() - start) / 1000)));
}

/** Send the sheet; what to tell when it did not get through and the page stays. */
async function send(form) {
  const body = new URLSearchParams(new FormData(form));
  let reply;
  try {
    reply = await fetch(form.action, { method: "POST", body });
  } catch {
    return form.dataset.offline;
  }
  if (reply.status === 429 || reply.status >= 500) return form.dataset.busy;
  isDirty = false;
  if (reply.redirected && reply.ok) location.replace(reply.url); // Back does not show the answers
  else form.submit();
  return "";
}

function tell(form, button, sentence) {
  const notice = form.querySelector("[data-send-notice]");
  notice.textContent = sentence;
  notice.hidden = false;
  button.removeAttribute("aria-disabled");
  isSending = false;
}

/** Come back to the same question when the page is shown in another way. */
function keepPlace(form) {
  for (const button of document.querySelectorAll("button[name=_display]")) {
    button.addEventListener("click", () => {
      isDirty = false;
      const address = new URL(form.action);
      if (button.value.startsWith("page:")) address.search = "";
      button.formAction = address.href + location.hash;
    });
  }
}

export function wireSending(form) {
  const start = performance.now();
  const button = form.querySelector(".button-send");
  const words = button.textContent;
  form.addEventListener("input", () => { isDirty = true; });
  keepPlace(form);
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.name === "_display") return;
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    button.setAttribute("aria-disabled", "true");
    button.textContent = form.dataset.sending;
    form.elements._seconds.value = secondsSince(start);
    const trouble = await send(form);
    if (!trouble) return;
    button.textContent = words;
    tell(form, button, trouble);
  });
  window.addEventListener("beforeunload", (event) => {
    if (isDirty && !isSending) event.preventDefault();
  });
}
