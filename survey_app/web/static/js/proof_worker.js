// Beside the page: works at a proof without holding up the page.

import { seek } from "./proof.js";

const TURN = 100000;

self.onmessage = ({ data: challenge }) => {
  let proof = "";
  for (let from = 0; !proof; from += TURN) proof = seek(challenge, from, TURN);
  self.postMessage(proof);
};
