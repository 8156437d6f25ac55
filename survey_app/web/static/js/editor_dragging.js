// Rows of the outline dragged to another place: questions within and between sections, sections too.
// Whoever does not drag uses the buttons of the open part.

function clear(root) {
  for (const line of root.querySelectorAll(".is-drop-before, .is-drop-after, .is-dragged")) {
    line.classList.remove("is-drop-before", "is-drop-after", "is-dragged");
  }
}

function isBehind(event, line) {
  const { top, height } = line.getBoundingClientRect();
  return event.clientY > top + height / 2;
}

/** The question or section that a row stands for. */
function carrier(line) {
  return line.dataset.drag === "section" ? line.closest("[data-section]") : line;
}

function placeOf(dragged, target, isAfter) {
  const others = [...target.parentElement.children].filter((other) => other !== dragged);
  return others.indexOf(target) + (isAfter ? 1 : 0);
}

function wishOf(dragged, over, isAfter) {
  const code = dragged.dataset.question ?? dragged.dataset.section;
  const target = carrier(over);
  if (dragged.dataset.section) {
    const section = target.closest("[data-section]");
    if (section === dragged) return null;
    return `place-section:${code}:${placeOf(dragged, section, isAfter || over !== section.firstElementChild)}`;
  }
  const section = target.closest("[data-section]").dataset.section;
  if (target.dataset.section) return `place-question:${code}:${section}:0`;
  return target === dragged ? null : `place-question:${code}:${section}:${placeOf(dragged, target, isAfter)}`;
}

export function wireDragging(root, onMove) {
  let dragged = null;
  root.addEventListener("dragstart", (event) => {
    const line = event.target.closest?.("[data-drag]");
    if (!line) return;
    dragged = carrier(line);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", line.textContent.trim());
    dragged.classList.add("is-dragged");
  });
  root.addEventListener("dragover", (event) => {
    const line = event.target.closest?.("[data-drag]");
    if (!dragged || !line) return;
    event.preventDefault();
    clear(root);
    dragged.classList.add("is-dragged");
    line.classList.add(isBehind(event, line) ? "is-drop-after" : "is-drop-before");
  });
  root.addEventListener("drop", (event) => {
    const line = event.target.closest?.("[data-drag]");
    if (!dragged || !line) return;
    event.preventDefault();
    const wish = wishOf(dragged, line, isBehind(event, line));
    if (wish) onMove(wish);
  });
  root.addEventListener("dragend", () => {
    clear(root);
    dragged = null;
  });
}
