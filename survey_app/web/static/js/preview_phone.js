// A draft tried out as on a phone: skip rules, progress and checks as for citizens. Nothing typed is
// kept in the browser, and sending is an ordinary form, which the server checks and forgets.

import { wireChecks } from "./checks.js";
import { Pages } from "./pages.js";

const form = document.getElementById("phieu");
if (form) {
  const pages = new Pages(form);
  wireChecks(form, pages);
  pages.start();
}
