// The work that an open link asks for when it receives more sheets than usual: a number that makes
// the SHA-256 digest of "challenge.number" begin with enough zero bits. Done in a worker, else in
// short turns on the page itself. Written out here because the browser's own digest is not there on
// plain HTTP, and far slower for many short texts.

const WORDS = 64;
const LONGEST = 55; // bytes that fit into one block
const TURN = 4000; // attempts between two breaths of the page

const [START, ROUND] = (() => {
  const part = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
  const primes = [];
  for (let n = 2; primes.length < WORDS; n += 1) if (primes.every((prime) => n % prime)) primes.push(n);
  const start = primes.slice(0, 8).map((prime) => part(Math.sqrt(prime)));
  return [Int32Array.from(start), Int32Array.from(primes, (prime) => part(prime ** (1 / 3)))];
})();

const turn = (x, by) => (x >>> by) | (x << (32 - by));

/** The digest of a short ASCII text, as eight 32-bit numbers; ``words`` is room to work in. */
export function digest(text, words = new Int32Array(WORDS)) {
  if (text.length > LONGEST) throw new RangeError("the text does not fit into one block");
  words.fill(0, 0, 16);
  for (let i = 0; i < text.length; i += 1) words[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
  words[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
  words[15] = 8 * text.length;
  for (let i = 16; i < WORDS; i += 1) {
    const [early, late] = [words[i - 15], words[i - 2]];
    const low = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const high = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    words[i] = words[i - 16] + low + words[i - 7] + high;
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let i = 0; i < WORDS; i += 1) {
    const choice = (e & f) ^ (~e & g);
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + ROUND[i] + words[i]) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + START[i]) | 0);
}

/** The proof among ``count`` numbers from ``from``, or an empty text. */
export function seek(challenge, from, count) {
  const free = 32 - Number(challenge.split(".")[0]);
  const words = new Int32Array(WORDS);
  for (let number = from; number < from + count; number += 1) {
    const proof = `${challenge}.${number}`;
    if (digest(proof, words)[0] >>> free === 0) return proof;
  }
  return "";
}

async function proveHere(challenge) {
  for (let from = 0; ; from += TURN) {
    const proof = seek(challenge, from, TURN);
    if (proof) return proof;
    await new Promise((resume) => { setTimeout(resume); });
  }
}

function proveInWorker(challenge) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("proof_worker.js", import.meta.url), { type: "module" });
    worker.onmessage = (event) => { resolve(event.data); worker.terminate(); };
    worker.onerror = (event) => { event.preventDefault(); reject(new Error("no worker")); worker.terminate(); };
    worker.postMessage(challenge);
  });
}

export async function prove(challenge) {
  try {
    return await proveInWorker(challenge);
  } catch {
    return proveHere(challenge);
  }
}
