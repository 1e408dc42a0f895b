// One person in an observer's list.

import { Minute } from "./minute.js";
import { Reader } from "./reading.js";
import { drawStrip } from "./strip.js";
import { ago, faults, PROFILES } from "./wording.js";

/** After so long without a result, somebody has fallen silent, and later has gone. */
const SILENT_MS = 2_000;
const GONE_MS = 120_000;

export class Person {
  minute = new Minute();
  #reader = new Reader();
  #parts = {};

  constructor(participantId) {
    this.element = document.getElementById("person").content.cloneNode(true).firstElementChild;
    this.element.dataset.participant = participantId;
    for (const part of this.element.querySelectorAll("[data-part]")) {
      this.#parts[part.dataset.part] = part;
    }
    this.#parts.name.textContent = this.#parts.name.title = participantId;
  }

  isLive(now) {
    return this.minute.age(now) <= SILENT_MS;
  }

  isGone(now) {
    return this.minute.age(now) > GONE_MS;
  }

  take(result, now) {
    this.minute.add(result, now);
    const { kind, word, confidence } = this.#reader.read(result, now);
    const odd = result.anomaly ? `. ${faults(result.anomalyReasons)}` : "";
    this.#show(kind, word, confidence, PROFILES[result.modality] + odd);
    this.#parts.swatch.dataset.emotion = result.emotion;
  }

  /** @param {number} now in ms @param {boolean} connected whether silence would be theirs */
  draw(now, connected) {
    const age = this.minute.age(now);
    const { fresh, strip } = this.#parts;
    if (age > SILENT_MS) this.#show("silent", connected ? "Silent" : "Not known", "", PROFILES.nothing);
    fresh.textContent = ago(age);
    drawStrip(strip, this.minute, now);
    strip.ariaLabel = this.minute.words(now);
  }

  #show(kind, word, confidence, profile) {
    this.element.dataset.kind = kind;
    this.#parts.word.textContent = word;
    this.#parts.confidence.textContent = confidence;
    this.#parts.profile.textContent = profile;
  }
}
