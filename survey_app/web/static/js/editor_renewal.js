// Putting a fresh copy in place of what is shown: what is equal stays, with its focus and its scroll.

const FIELDS = "input, textarea, option";

function isAlike(one, other) {
  return one.nodeType === Node.ELEMENT_NODE && other.nodeType === Node.ELEMENT_NODE
    && one.tagName === other.tagName && one.id === other.id;
}

function renewAttributes(node, fresh) {
  for (const { name } of [...node.attributes]) {
    if (!fresh.hasAttribute(name)) node.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
}

/** What has been typed into a field shows in no attribute: it is set as the server has it. */
function renewField(node, fresh, mayGo) {
  if (node.form && !mayGo(node.matches("option") ? node.closest("select") : node)) return;
  if (node.matches("input[type=checkbox], input[type=radio]")) node.checked = fresh.checked;
  else if (node.matches("input, textarea") && node.value !== fresh.value) node.value = fresh.value;
  else if (node.matches("option")) node.selected = fresh.selected;
}

function renewChildren(node, fresh, mayGo) {
  const old = new Map([...node.children].filter((child) => child.id).map((child) => [child.id, child]));
  let at = node.firstChild;
  for (const child of [...fresh.childNodes]) {
    const known = child.id ? old.get(child.id) : null;
    const match = known ?? (at && !at.id && !child.id && (isAlike(at, child) || at.nodeType === child.nodeType && !child.tagName) ? at : null);
    if (!match || (child.tagName && match.tagName !== child.tagName)) {
      node.insertBefore(document.importNode(child, true), at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else node.insertBefore(match, at);
    renew(match, child, mayGo);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** ``mayGo(field)``: whether what was typed into a field has been sent and may go. */
export function renew(node, fresh, mayGo) {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.nodeValue !== fresh.nodeValue) node.nodeValue = fresh.nodeValue;
  } else if (node.isEqualNode(fresh)) {
    const twins = [fresh, ...fresh.querySelectorAll(FIELDS)];
    [node, ...node.querySelectorAll(FIELDS)].forEach((field, at) => renewField(field, twins[at], mayGo));
  } else {
    renewAttributes(node, fresh);
    renewChildren(node, fresh, mayGo);
    renewField(node, fresh, mayGo);
  }
}
