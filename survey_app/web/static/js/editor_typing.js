// What is typed while a save is under way: it stays in its field, or is saved before that field goes.

const SILENT = ["revision", "csrf_token"];
const BOXES = "[type=checkbox], [type=radio]";

/** Everything a form would send about the draft, to be compared. */
export function fieldsOf(form) {
  return JSON.stringify([...new FormData(form)].filter(([name]) => !SILENT.includes(name)));
}

function fieldsIn(form) {
  return [...form.elements].filter((field) => field.name && field.matches("input:not([type=hidden]), textarea, select"));
}

function stateOf(field) {
  return field.matches(BOXES) ? field.checked : field.value;
}

/** What a field is about, whatever its number: a row is known by its code, not by its place. */
function keyOf(field, isSent) {
  const row = field.closest(".row");
  if (!row) return `${field.name}=${field.matches(BOXES) ? field.value : ""}`;
  const code = row.querySelector(".row-code input").value.trim(); // the row is called so once it is saved
  const known = isSent ? `row-${row.parentElement.id}-${code}` : row.id;
  return `${known} ${field.name.replace(/^[a-z]+-\d+-/, "")}`;
}

function findField(form, key) {
  return form ? fieldsIn(form).find((field) => keyOf(field, false) === key) : undefined;
}

/** The fields of some forms as they were when something was sent. */
export class Sent {
  constructor(...forms) {
    const fields = new Set(forms.filter(Boolean).flatMap(fieldsIn));
    this.was = new Map([...fields].map((field) => [field, { key: keyOf(field, true), state: stateOf(field) }]));
  }

  isTyped(field) {
    const was = this.was.get(field);
    return was !== undefined && was.state !== stateOf(field);
  }

  /** What was typed since, by what it is about. */
  get typed() {
    const fields = [...this.was.keys()].filter((field) => this.isTyped(field));
    return new Map(fields.map((field) => [this.was.get(field).key, stateOf(field)]));
  }

  hasTypedInto(form) {
    return fieldsIn(form).some((field) => this.isTyped(field));
  }

  /** Whether everything typed since into ``form`` has a field in ``fresh``, too. */
  fits(form, fresh) {
    const fields = fieldsIn(form).filter((field) => this.isTyped(field));
    return fields.every((field) => findField(fresh, this.was.get(field).key));
  }

  /** The field that the focus is in, by what it is about, if something was typed into it. */
  get key() {
    const field = document.activeElement;
    return this.isTyped(field) ? this.was.get(field).key : "";
  }
}

/** Put what was typed into fields that had to be made anew. */
export function putBack(form, typed) {
  for (const [key, state] of typed) {
    const field = findField(form, key);
    if (!field || stateOf(field) === state) continue;
    if (field.matches(BOXES)) field.checked = state;
    else field.value = state;
  }
}

export function fieldCalled(form, key) {
  return key ? findField(form, key) : undefined;
}
