// The questionnaire with script: skip rules, progress, checks, a draft, sending. Everything here is
// extra: the page is complete without it. Answers are kept nowhere but in this tab (draft.js).

import { wireSwitch } from "./display.js";
import { Pages } from "./pages.js";
import { wireChecks } from "./checks.js";
import { Draft, wireDraft } from "./draft.js";
import { wireSending } from "./sending.js";

const form = document.getElementById("phieu");
const pages = new Pages(form);
const draft = new Draft(form, pages);
wireSwitch(document);
wireChecks(form, pages);
wireSending(form, draft);
pages.start();
wireDraft(form, draft);
