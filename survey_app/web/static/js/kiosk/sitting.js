// One citizen's sheet, from the choice of a language to the thanks: a copy of the template, in the
// document only while it lasts. Closing it takes the copy out again and lets go of everything.

import { mistake, showMistake, wireChecks } from "../checks.js";
import { fill } from "../pages.js";
import { readCode } from "./codes.js";
import { Idle } from "./idle.js";
import { Keyboard } from "./keyboard.js";
import { answers, sheet } from "./sheets.js";
import { SittingPages } from "./sitting_pages.js";
import { reflectTools, resetTools, useTool } from "./tools.js";
import { Voice } from "./voice.js";

const COUNTDOWN = 20; // seconds to answer whether somebody is still there
const THANKS = 10; // seconds
const ACTIVITY = ["pointerdown", "pointermove", "keydown", "input", "wheel"];

export class Sitting {
  /**
   * ``setting``: what the shell says of survey and device. ``desk``: {send(sheet), keep(sheet),
   * checkCode(code), closed()}, what lies beyond the screen.
   */
  constructor(template, setting, desk, { code = "" } = {}) {
    Object.assign(this, { setting, desk });
    this.id = crypto.randomUUID();
    this.scanned = code;
    this.link = setting.link;
    this.opened = performance.now();
    this.language = template.dataset.sitting;
    this.node = template.content.firstElementChild.cloneNode(true);
    this.form = this.find(".sheet");
    this.checking = null; // what is wrong with a code, while that is being asked
    this.isSending = false;
    this.isClosed = false;
  }

  find(selector) {
    return this.node.querySelector(selector);
  }

  open(place) {
    place.append(this.node);
    document.documentElement.lang = this.node.lang;
    reflectTools();
    this.keyboard = new Keyboard(this.find(".keyboard"), { onDone: () => this.closeKeyboard() });
    this.voice = new Voice(this.find("[data-act=read]"), {
      language: this.language,
      recordings: JSON.parse(this.form.dataset.recordings),
    });
    this.pages = new SittingPages(this.form, { onShow: (page) => this.arrive(page) });
    this.wire();
    wireChecks(this.form, this.pages);
    this.pages.start();
    this.find(".introduction .question-text").focus();
    this.idle = new Idle({
      seconds: this.setting.idleSeconds,
      countdown: COUNTDOWN,
      onAsk: () => this.ask(),
      onTick: (left) => this.tick(left),
      onGone: () => this.abandon(),
    });
    if (this.scanned) this.useCode(this.scanned);
  }

  wire() {
    for (const type of ACTIVITY) this.node.addEventListener(type, () => this.idle.touch(), true);
    this.node.addEventListener("click", (event) => this.act(event.target.closest("button")));
    this.node.addEventListener("focusin", (event) => this.offerKeyboard(event.target));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.find(".code-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.takeCode();
    });
    for (const dialog of this.node.querySelectorAll("dialog")) {
      dialog.addEventListener("cancel", (event) => event.preventDefault());
    }
  }

  act(button) {
    if (!button) return;
    if (button.dataset.tool) useTool(button);
    const acts = {
      end: () => this.end(),
      erase: () => this.erase(),
      stay: () => this.stay(),
      more: () => this.stay({ needsMore: true }),
      resume: () => this.find("dialog.leaving").close(),
      "ask-code": () => this.showCode(true),
      "no-code": () => this.showCode(false),
      again: () => this.pages.go(this.pages.questions[0]),
      done: () => this.close(),
    };
    if (!button.closest(".keyboard")) acts[button.dataset.act]?.();
  }

  /** A page came in front. */
  arrive(page) {
    this.voice.show(page);
    this.keyboard.detach();
    const field = page.querySelector("textarea, .number-input");
    if (field && Keyboard.hasRoom) this.offerKeyboard(field);
  }

  offerKeyboard(field) {
    if (field.matches("textarea")) this.keyboard.attach(field, "letters");
    else if (field.matches(".number-input")) this.keyboard.attach(field, "digits");
    else if (field.matches(".code-input")) this.keyboard.attach(field, "code");
  }

  closeKeyboard() {
    const isCode = this.keyboard.field?.matches(".code-input");
    this.keyboard.detach();
    if (isCode) this.takeCode();
    else this.pages.current().querySelector("[data-next]")?.focus();
  }

  // --- the code on a slip ---

  showCode(isAsked) {
    if (!isAsked) this.checking = null;
    const page = this.find(".code-page");
    this.form.hidden = isAsked;
    page.hidden = !isAsked;
    this.tellCode("");
    this.find(".code-input").value = "";
    if (isAsked) {
      this.find(".code-input").focus();
      this.voice.show(null);
    } else this.pages.go(this.pages.current());
  }

  tellCode(sentence) {
    const line = this.find("[data-code-error]");
    line.textContent = sentence;
    line.hidden = !sentence;
  }

  takeCode() {
    const code = readCode(this.find(".code-input").value);
    if (code) this.useCode(code);
    else this.tellCode(this.form.dataset.noCode);
  }

  /** The sheet goes through this code's link; what is wrong with it is told before it begins, or
   * before it is sent by somebody faster than the network. */
  useCode(code) {
    this.checking = this.check(code);
  }

  /** What is wrong with the code; nothing when the sheet goes through its link. */
  async check(code) {
    const trouble = await this.desk.checkCode(code, this.language);
    if (this.isClosed) return trouble;
    const isOnCodePage = this.form.hidden;
    if (trouble) {
      if (!isOnCodePage) this.showCode(true);
      this.tellCode(trouble);
      return trouble;
    }
    this.link = code;
    if (!isOnCodePage) return "";
    this.showCode(false);
    this.pages.go(this.pages.asked[0]);
    return "";
  }

  // --- is anybody there? ---

  ask() {
    if (this.find(".thanks:not([hidden])")) return;
    this.voice.stop();
    this.find("dialog.leaving").close();
    this.find("dialog.idle").showModal();
  }

  tick(left) {
    this.find("[data-countdown]").textContent = left;
    if (left === COUNTDOWN || left === 10 || left === 5) {
      this.find("[data-countdown-said]").textContent = fill(this.form.dataset.secondsLeft, { count: left });
    }
  }

  stay(wish) {
    this.find("dialog.idle").close();
    this.idle.stay(wish);
  }

  get hasAnswers() {
    return Object.keys(answers(this.pages.asked)).length > 0;
  }

  end() {
    if (this.isSending) return; // as for erasing
    if (this.hasAnswers && !this.find(".thanks:not([hidden])")) this.find("dialog.leaving").showModal();
    else this.close();
  }

  /** While it is being sent a sheet may be stored already, and could not be erased any more. */
  erase() {
    if (!this.isSending) this.close();
  }

  /** Nobody answered: what was chosen may be kept as partial, what was written never is. */
  async abandon() {
    const isKept = this.setting.keepsPartial && this.hasMainRating && !this.isSending;
    const left = isKept ? this.toSheet({ isPartial: true }) : null;
    this.close();
    if (left) await this.desk.keep(left);
  }

  get hasMainRating() {
    const { mainRating } = this.setting;
    return Boolean(mainRating) && mainRating in answers(this.pages.asked);
  }

  toSheet({ isPartial = false } = {}) {
    const { words } = { words: this.form.dataset };
    const isFit = (page) => page.dataset.kind !== "text" && !mistake(page, words);
    return sheet({
      id: this.id,
      link: this.link,
      version: this.setting.version,
      language: this.language,
      answers: answers(this.pages.asked, isPartial ? isFit : undefined),
      seconds: (performance.now() - this.opened) / 1000,
      isPartial,
      now: Date.now(),
    });
  }

  // --- sending ---

  async send() {
    if (this.isSending) return;
    const wrong = this.pages.asked.find((page) => mistake(page, this.form.dataset));
    if (wrong) {
      this.pages.go(wrong);
      showMistake(wrong, mistake(wrong, this.form.dataset));
      return;
    }
    const outcome = await this.deliver();
    if (this.isClosed || !outcome) return;
    if (outcome.status === "lost") this.tell(this.form.dataset.notKept);
    else this.thank(outcome);
  }

  /** What became of the sheet; nothing where it is not sent, for its code is wrong. Meanwhile it can
   * be neither sent again nor erased. */
  async deliver() {
    const button = this.find(".button-send");
    const words = button.textContent;
    this.showSending(button, this.form.dataset.sending, true);
    try {
      if (await this.checking) return null;
      return await this.desk.send(this.toSheet());
    } catch {
      return { status: "lost" }; // it may be pressed again: the same id is stored once
    } finally {
      if (!this.isClosed) this.showSending(button, words, false);
    }
  }

  showSending(button, words, isSending) {
    this.isSending = isSending;
    button.textContent = words;
    for (const held of [button, this.find("[data-act=end]")]) {
      held.ariaDisabled = isSending ? "true" : null;
    }
  }

  tell(sentence) {
    const notice = this.find("[data-send-notice]");
    notice.textContent = sentence;
    notice.hidden = false;
  }

  thank({ status, receipt, reason }) {
    const page = this.find(".thanks");
    this.form.remove(); // the answers are gone before the thanks are read
    this.voice.show(null);
    this.find(`[data-outcome=${status}]`).hidden = false;
    if (status === "stored") this.find(".receipt-code").textContent = receipt;
    if (status === "refused") this.find("[data-reason]").textContent = reason;
    page.hidden = false;
    page.querySelector("[data-outcome]:not([hidden]) h2").focus();
    this.idle.stop();
    this.leave = setTimeout(() => this.close(), THANKS * 1000);
  }

  /** Nothing of this sheet is left on the screen, in the document or in the tools. */
  close() {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.leave);
    this.idle.stop();
    this.keyboard.detach();
    this.voice.close();
    this.pages.close();
    this.node.remove();
    this.node = this.form = this.pages = this.keyboard = this.voice = null;
    resetTools();
    document.documentElement.lang = "vi";
    this.desk.closed();
  }
}
