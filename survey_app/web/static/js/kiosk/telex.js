// Vietnamese by Telex. Pure: text before the cursor and a key in, text before the cursor out.
//
// Simple Telex: aa ee oo â ê ô, aw ow uw ă ơ ư, uow ươ, dd đ; s f r x j set a tone, z takes it
// away; the same key twice takes back what it did and stands for itself. A mark may follow later
// in the syllable (duongwf, vietej). A "w" that changes nothing is a "w" (wifi). Tones stand where
// official papers put them in place names: Khánh Hòa, Thanh Hóa, thủy; never hoà.

const TONES = { f: "\u0300", s: "\u0301", r: "\u0309", x: "\u0303", j: "\u0323" };
const TONE_MARK = /[\u0300\u0301\u0309\u0303\u0323]/;
const PLAIN = { ă: "a", â: "a", ê: "e", ô: "o", ơ: "o", ư: "u", đ: "d" };
const HATS = { a: "â", e: "ê", o: "ô" };
const HORNS = { a: "ă", o: "ơ", u: "ư" };
const MARKED = /[ăâêôơư]/;

const INITIALS = new Set(
  "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q qu r s t th tr v x".split(" ").concat(""),
);
const NUCLEI = new Set(
  ("a e i o u y ai ao au ay eo eu ia ie iu oa oe oi oo ua ue ui uo uu uy ye " +
    "ieu yeu oai oao oay oeo uay ueu uoi uou uya uye uyu").split(" "),
);
const FINALS = new Set(" c ch k m n ng nh p t".split(" ")); // k: Đắk Lắk
const STOPS = new Set(["c", "ch", "k", "p", "t"]); // only sắc and nặng go with these
const OPEN_UO = new Set(["h", "kh", "th"]); // huơ, khuơ, thuở: here "uow" alone is "uơ"

/** One syllable taken apart, or null when the letters are none that Vietnamese could have. */
function parse(word) {
  let tone = "";
  const letters = [...word.toLowerCase()].map((letter) => {
    const parts = letter.normalize("NFD");
    tone = parts.match(TONE_MARK)?.[0] ?? tone;
    return parts.replace(TONE_MARK, "").normalize("NFC");
  });
  const [, initial, nucleus, final] = letters.join("").match(
    /^(gi(?=[aăâeêoôơuư])|qu(?=[aăâeêioôơy])|[^aăâeêioôơuưy]*)([aăâeêioôơuưy]*)(.*)$/,
  );
  const isKnown = INITIALS.has(initial) && NUCLEI.has(plain(nucleus)) && FINALS.has(final);
  return isKnown ? { initial, nucleus, final, tone } : null;
}

function plain(letters) {
  return [...letters].map((letter) => PLAIN[letter] ?? letter).join("");
}

/** Where the tone stands: on a marked vowel, before a final consonant on the last, else ahead. */
function toneSeat({ nucleus, final }) {
  for (let place = nucleus.length - 1; place >= 0; place -= 1) {
    if (MARKED.test(nucleus[place])) return place;
  }
  if (final) return nucleus.length - 1;
  return nucleus.length === 3 ? 1 : 0;
}

/** The syllable as letters, in the upper and lower case of ``pattern``. */
function write(syllable, pattern) {
  const seat = toneSeat(syllable);
  const nucleus = [...syllable.nucleus]
    .map((letter, place) => (place === seat ? (letter + syllable.tone).normalize("NFC") : letter))
    .join("");
  const shapes = [...pattern];
  return [...(syllable.initial + nucleus + syllable.final)]
    .map((letter, place) => {
      const shape = shapes[place] ?? letter;
      return shape === shape.toLowerCase() ? letter : letter.toUpperCase();
    })
    .join("");
}

function withHat(syllable, key) {
  const { nucleus } = syllable;
  const hat = HATS[key];
  if (nucleus.includes(hat)) return { undo: { ...syllable, nucleus: nucleus.replace(hat, key) } };
  const place = Math.max(nucleus.lastIndexOf(key), nucleus.lastIndexOf(HORNS[key] ?? key));
  if (place < 0) return {};
  const before = key === "o" ? nucleus.slice(0, place).replace("ư", "u") : nucleus.slice(0, place);
  return { done: { ...syllable, nucleus: before + hat + nucleus.slice(place + 1) } };
}

function withHorn(syllable) {
  const { initial, nucleus, final } = syllable;
  const done = (changed) => ({ done: { ...syllable, nucleus: changed } });
  if (/ươ|ưa|ưu|ưi|^ư$|ă|^ơi?$|^oă$/.test(nucleus)) {
    return { undo: { ...syllable, nucleus: plain(nucleus) } };
  }
  if (nucleus === "uo" && !final && OPEN_UO.has(initial)) return done("uơ");
  if (/[uư][oôơ]/.test(nucleus)) return done(nucleus.replace(/[uư][oôơ]/, "ươ"));
  if (/^u[aui]?$/.test(nucleus)) return done(nucleus.replace("u", "ư"));
  if (/[aâ]/.test(nucleus) && /^o?[aâ]$/.test(nucleus)) return done(nucleus.replace(/[aâ]/, "ă"));
  if (/^[oô]i?$/.test(nucleus)) return done(nucleus.replace(/[oô]/, "ơ"));
  return {};
}

function withBar(syllable) {
  if (syllable.initial === "đ") return { undo: { ...syllable, initial: "d" } };
  return syllable.initial === "d" ? { done: { ...syllable, initial: "đ" } } : {};
}

function withTone(syllable, key) {
  const tone = TONES[key];
  if (syllable.tone === tone) return { undo: { ...syllable, tone: "" } };
  if (STOPS.has(syllable.final) && !"sj".includes(key)) return {};
  return { done: { ...syllable, tone } };
}

function withoutTone(syllable) {
  return syllable.tone ? { done: { ...syllable, tone: "" } } : {};
}

function change(syllable, key) {
  if (key in TONES) return withTone(syllable, key);
  if (key in HATS) return withHat(syllable, key);
  return { w: withHorn, d: withBar, z: withoutTone }[key]?.(syllable) ?? {};
}

/** A letter at the end of a word; the tone moves to where it now belongs. */
function append(word, key) {
  const longer = word + key;
  const syllable = parse(longer);
  if (!syllable) return longer;
  const isGoingOn = syllable.final || /(ưo|uơ)[iu]$/.test(syllable.nucleus);
  if (isGoingOn) syllable.nucleus = syllable.nucleus.replace(/ưo|uơ/, "ươ");
  return write(syllable, longer);
}

/** The start of a word that has no vowel yet: only "dd" means anything. */
function beginning(word, key) {
  if (key.toLowerCase() !== "d") return null;
  if (/^d$/i.test(word)) return word === "D" ? "Đ" : "đ";
  return /^đ$/i.test(word) ? (word === "Đ" ? "D" : "d") + key : null;
}

function split(before) {
  const word = before.match(/\p{L}+$/u)?.[0] ?? "";
  return [before.slice(0, before.length - word.length), word];
}

/** The text before the cursor after a key was pressed. */
export function press(before, key) {
  const [head, word] = split(before.normalize("NFC"));
  const start = beginning(word, key);
  if (start !== null) return head + start;
  const syllable = word ? parse(word) : null;
  const { done, undo } = syllable ? change(syllable, key.toLowerCase()) : {};
  if (done) return head + write(done, word);
  if (undo) return head + write(undo, word) + key;
  return head + (/^\p{L}$/u.test(key) ? append(word, key) : word + key);
}

/** The same with a key of the tone row (s f r x j, or z for none): it never writes a letter. */
export function setTone(before, key) {
  const [head, word] = split(before.normalize("NFC"));
  const syllable = word ? parse(word) : null;
  if (!syllable) return before;
  const { done, undo } = change(syllable, key);
  return done || undo ? head + write(done ?? undo, word) : before;
}
