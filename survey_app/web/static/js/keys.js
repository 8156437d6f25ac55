// What typed keys mean, as survey_app/questionnaire/keying.py reads them. Pure: no page in here.

const BETWEEN = /[\s,;.+/]+/;

/**
 * What was typed for one question. codes: key → [answer code, label].
 * kind: scale, single, multiple, number or text; most: choices at most, 0 for any number.
 * Gives {codes, labels, isUnknown, isComplete}: complete when no further key can follow.
 */
export function readKeys(typed, { kind, codes, most }) {
  const text = typed.trim().toLowerCase();
  const nothing = { codes: [], labels: [], isUnknown: false, isComplete: false };
  if (text === "") return nothing;
  const known = new Map(Object.entries(codes).map(([key, meaning]) => [key.toLowerCase(), meaning]));
  if (kind === "text") return { ...nothing, codes: [text] };
  if (kind === "number") {
    const special = known.get(text);
    return special
      ? { codes: [special[0]], labels: [special[1]], isUnknown: false, isComplete: true }
      : { ...nothing, codes: [text], isUnknown: !/^[+-]?\d+$/.test(text) && !isBegun(text, known) };
  }
  if (kind === "multiple") return readSeveral(text, known, most);
  const meaning = known.get(text);
  if (!meaning) return { ...nothing, isUnknown: !isBegun(text, known) };
  const isComplete = ![...known.keys()].some((key) => key !== text && key.startsWith(text));
  return { codes: [meaning[0]], labels: [meaning[1]], isUnknown: false, isComplete };
}

function readSeveral(text, known, most) {
  const keys = splitKeys(text, known);
  const meanings = keys.map((key) => known.get(key));
  const isUnknown = meanings.some((meaning, place) => {
    const isLast = place === keys.length - 1;
    return !meaning && !(isLast && isBegun(keys[place], known));
  });
  const found = meanings.filter(Boolean);
  return {
    codes: found.map(([code]) => code),
    labels: found.map(([, label]) => label),
    isUnknown,
    isComplete: !isUnknown && most > 0 && found.length === most && areSingle(known),
  };
}

function areSingle(known) {
  return [...known.keys()].every((key) => key.length === 1 || key === "na");
}

function splitKeys(text, known) {
  const parts = text.split(BETWEEN).filter(Boolean);
  if (!areSingle(known)) return parts;
  return parts.flatMap((part) => (known.has(part) ? [part] : [...part]));
}

function isBegun(text, known) {
  return [...known.keys()].some((key) => key.startsWith(text));
}
