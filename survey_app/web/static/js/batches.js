// The progress of reports, renewed while the page stays open. Nothing is reloaded and the focus
// stays where it is; without this script the link "Cập nhật tiến độ" does the same.

const SECONDS_BETWEEN_LOOKS = 3;

const root = document.querySelector("[data-batches]");

/** The same place on the page as the server has it now; null when it cannot be had. */
async function look() {
  try {
    const reply = await fetch(location.href);
    if (!reply.ok || reply.redirected) return null; // signed out in the meantime
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    return page.querySelector("[data-batches]");
  } catch {
    return null;
  }
}

function renewPart(part, fresh) {
  if (!fresh || fresh.dataset.state === part.dataset.state) return;
  const hadFocus = part.contains(document.activeElement);
  part.dataset.state = fresh.dataset.state;
  part.replaceChildren(...fresh.childNodes);
  if (hadFocus) (part.querySelector("a, button") ?? document.querySelector("main")).focus();
}

function renew(fresh) {
  for (const part of root.querySelectorAll("[data-part]")) {
    renewPart(part, fresh.querySelector(`[data-part="${part.dataset.part}"]`));
  }
}

async function watch() {
  for (let isMoving = true; isMoving; ) {
    await new Promise((resume) => { setTimeout(resume, SECONDS_BETWEEN_LOOKS * 1000); });
    if (document.hidden) continue;
    const fresh = await look();
    if (!fresh) return;
    renew(fresh);
    isMoving = "moving" in fresh.dataset;
  }
}

watch();
