// The questionnaire with script: skip rules, progress, checks, sending. Everything here is extra:
// the page is complete without it. Answers live in the form only, never in the browser's storage.

import { wireSwitch } from "./display.js";
import { Pages } from "./pages.js";
import { wireChecks } from "./checks.js";
import { wireSending } from "./sending.js";

const form = document.getElementById("phieu");
const pages = new Pages(form);
wireSwitch(document);
wireChecks(form, pages);
wireSending(form, pages);
pages.start();
