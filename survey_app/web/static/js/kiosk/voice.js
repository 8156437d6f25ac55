// Reading aloud: the uploaded recording of a question, else a voice of this device that speaks the
// language. Voices that send the text to somebody else's server do not count.

function localVoice(language) {
  const voices = globalThis.speechSynthesis?.getVoices() ?? [];
  return voices.find((voice) => voice.localService && voice.lang.toLowerCase().startsWith(language));
}

function words(page) {
  const parts = page.querySelectorAll(
    ".section-introduction, .question-text, .lead, .facts li, fieldset .hint:not([data-counter]), .reassurance, .card-words",
  );
  return [...parts].map((part) => part.textContent.trim().replace(/\s+/g, " ")).join(". ");
}

export class Voice {
  /** ``recordings``: question code → address of a recording in this language. */
  constructor(button, { language, recordings }) {
    Object.assign(this, { button, language, recordings });
    this.page = null;
    this.playing = null;
    this.context = null;
    this.look = () => this.offer();
    globalThis.speechSynthesis?.addEventListener("voiceschanged", this.look);
    button.addEventListener("click", () => (this.playing ? this.stop() : this.read()));
  }

  /** The page in front has changed. */
  show(page) {
    this.stop();
    this.page = page;
    this.offer();
  }

  get recording() {
    return this.recordings[this.page?.dataset.question];
  }

  offer() {
    this.button.hidden = !this.page || !(this.recording || localVoice(this.language));
  }

  get isReading() {
    return this.playing !== null;
  }

  read() {
    this.button.setAttribute("aria-pressed", "true");
    this.playing = {};
    if (this.recording) this.play(this.recording, this.playing);
    else this.speak(this.playing);
  }

  async play(address, ticket) {
    try {
      this.context ??= new AudioContext();
      const data = await (await fetch(address)).arrayBuffer();
      const sound = await this.context.decodeAudioData(data);
      if (this.playing !== ticket) return;
      ticket.source = new AudioBufferSourceNode(this.context, { buffer: sound });
      ticket.source.connect(this.context.destination);
      ticket.source.onended = () => this.end(ticket);
      ticket.source.start();
    } catch {
      this.end(ticket);
    }
  }

  speak(ticket) {
    const speech = new SpeechSynthesisUtterance(words(this.page));
    speech.lang = this.language;
    speech.voice = localVoice(this.language);
    speech.onend = speech.onerror = () => this.end(ticket);
    speechSynthesis.speak(speech);
  }

  end(ticket) {
    if (this.playing === ticket) this.stop();
  }

  stop() {
    const { playing } = this;
    this.playing = null;
    this.button.setAttribute("aria-pressed", "false");
    if (!playing) return;
    playing.source?.stop();
    globalThis.speechSynthesis?.cancel();
  }

  close() {
    this.stop();
    this.context?.close();
    globalThis.speechSynthesis?.removeEventListener("voiceschanged", this.look);
  }
}
