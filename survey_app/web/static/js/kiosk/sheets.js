// What a sheet is once it leaves the screen. Pure but for the form that is read.

import { chosen } from "../pages.js";

const NOT_APPLICABLE = "na";
const HOUR = 3_600_000;
const LONGEST_SITTING = 86_400; // seconds
const FORMAT = "hailong-kiosk-queue";
const FIELDS = [
  "id", "link", "version", "language", "answers", "seconds", "answered_at", "is_partial",
];

/** One answer as the server takes it: a code, codes, or a text; undefined for none. */
export function answer(page) {
  const values = chosen(page);
  if (values.length === 0) return undefined;
  if (page.dataset.kind === "multiple") return values;
  // A number has two fields, the box and "not applicable": what was typed wins.
  return values.find((value) => value !== NOT_APPLICABLE) ?? values[0];
}

/** The answers to the questions that are asked; ``wanted`` leaves some out. */
export function answers(pages, wanted = () => true) {
  const found = pages.filter(wanted).map((page) => [page.dataset.question, answer(page)]);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

/** A sheet as it waits and as it is sent. The time is kept to the hour, as the server keeps it. */
export function sheet({ id, link, version, language, answers, seconds, isPartial, now }) {
  return {
    id,
    link,
    version,
    language,
    answers,
    seconds: Math.min(LONGEST_SITTING, Math.max(0, Math.round(seconds))),
    answered_at: new Date(Math.floor(now / HOUR) * HOUR).toISOString(),
    is_partial: isPartial,
  };
}

/** Only what is sent: without the reason of a refusal. */
export function fields(sheet) {
  return Object.fromEntries(FIELDS.map((name) => [name, sheet[name]]));
}

/** The file of a clerk: everything that is not on the server yet. */
export function exported(sheets) {
  return JSON.stringify({ format: FORMAT, version: 1, sheets: sheets.map(fields) }, null, 1);
}
