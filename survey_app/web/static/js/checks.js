// Checks before leaving a page by "Tiếp tục", in the words of the server. The server has the last
// word on everything.

import { chosen, fill } from "./pages.js";

const NOT_APPLICABLE = "na";
const COUNT_FROM = 0.8; // of the limit: from here on the counter is read out

function length(text) {
  return [...text.replace(/\r\n?/g, "\n").normalize("NFC").trim()].length;
}

function textMistake(page, words) {
  const over = length(page.querySelector("textarea").value) - Number(page.dataset.maxLength);
  return over > 0 ? fill(words.over, { count: over }) : "";
}

function numberMistake(page, words) {
  const text = page.querySelector("input[type=text]").value.trim();
  if (!text) return "";
  if (!/^[+-]?\d{1,9}$/.test(text)) return words.noNumber;
  const low = Number(page.dataset.minimum ?? 0);
  const high = Number(page.dataset.maximum ?? 65000);
  const isInside = low <= Number(text) && Number(text) <= high;
  return isInside ? "" : fill(words.outOfBounds, { low, high });
}

function multipleMistake(page, words) {
  const codes = chosen(page);
  const most = Number(page.dataset.maxChoices ?? Infinity);
  if (codes.includes(NOT_APPLICABLE) && codes.length > 1) {
    const label = page.querySelector(".card-apart").textContent.trim();
    return fill(words.mixed, { label });
  }
  return codes.length > most ? fill(words.tooMany, { count: codes.length, most }) : "";
}

const CHECKS = { text: textMistake, number: numberMistake, multiple: multipleMistake };

/** What is wrong with the answer on a page, as a sentence, or an empty text. */
export function mistake(page, words) {
  if ("required" in page.dataset && chosen(page).length === 0) {
    return ["text", "number"].includes(page.dataset.kind) ? words.requiredText : words.requiredChoice;
  }
  return CHECKS[page.dataset.kind]?.(page, words) ?? "";
}

export function showMistake(page, sentence) {
  const place = page.querySelector("[data-error-place]");
  const fieldset = page.querySelector("fieldset");
  const hint = page.querySelector(`[id="${page.id}-hint"]`);
  place.replaceChildren();
  page.classList.toggle("question-wrong", Boolean(sentence));
  const described = [hint?.id, sentence && `${page.id}-error`].filter(Boolean).join(" ");
  if (described) fieldset.setAttribute("aria-describedby", described);
  else fieldset.removeAttribute("aria-describedby");
  if (!sentence) return;
  const line = document.createElement("p");
  line.className = "error";
  line.id = `${page.id}-error`;
  line.setAttribute("role", "alert");
  line.textContent = sentence;
  place.append(line);
}

function focusOn(page) {
  const field = page.querySelector("textarea, input[type=text], input:checked, input");
  field.focus({ preventScroll: true });
  page.querySelector("[data-error-place]").scrollIntoView({ block: "center" });
}

function wireCounter(page, words) {
  const area = page.querySelector("textarea");
  const line = page.querySelector("[data-counter]");
  const said = page.querySelector("[data-counter-said]");
  const most = Number(page.dataset.maxLength);
  let pause;
  area.addEventListener("input", () => {
    const left = most - length(area.value);
    const sentence = fill(left < 0 ? words.over : words.left, {
      count: Math.abs(left).toLocaleString(document.documentElement.lang),
    });
    line.textContent = sentence;
    line.classList.toggle("over-limit", left < 0);
    clearTimeout(pause);
    if (left < most * (1 - COUNT_FROM)) pause = setTimeout(() => { said.textContent = sentence; }, 1000);
  });
}

export function wireChecks(form, pages) {
  const words = form.dataset;
  for (const page of pages.questions) {
    if (page.dataset.kind === "text") wireCounter(page, words);
    page.addEventListener("change", () => {
      if (page.classList.contains("question-wrong")) showMistake(page, mistake(page, words));
    });
    page.querySelector("[data-next]").addEventListener("click", (event) => {
      const sentence = mistake(page, words);
      showMistake(page, sentence);
      if (!sentence) return;
      event.preventDefault();
      focusOn(page);
    });
  }
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault();
    event.target.closest(".page")?.querySelector("[data-next]")?.click();
  });
}
