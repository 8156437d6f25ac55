// A draft tried out as on a kiosk: the sitting of a citizen with nothing behind it. Sheets go nowhere.

import { Sitting } from "./kiosk/sitting.js";

const root = document.getElementById("kiosk");
const template = document.querySelector("template[data-sitting]");
const setting = JSON.parse(root.dataset.setting);

const desk = {
  send: async () => ({ status: "stored", receipt: "THU-NGH" }),
  keep: async () => {},
  checkCode: async () => "",
  closed: begin,
};

function begin() {
  new Sitting(template, setting, desk).open(root);
}

if (globalThis.isSecureContext) {
  document.getElementById("plain").hidden = true;
  root.hidden = false;
  begin();
}
