import { capitalised, percent, PROFILES } from "./wording.js";

/** So long does the last result that may be shown outlast ones that may not. */
const HELD_MS = 1_500;

const UNLIKE = "The input looks like nothing the models have seen, so its result is not shown.";

/** The profile of the modalities that a `server.status` calls live. */
export function profileOf({ audio, video }) {
  if (audio && video) return "both";
  if (audio) return "audio_only";
  return video ? "video_only" : "nothing";
}

/**
 * How results are put to people.
 *
 * @typedef {{ kind: "sure" | "unsure" | "anomaly", word: string, confidence: string, note: string }} Words
 */
export class Reader {
  #minConfidence;
  #shown = null;

  /** @param {number} minConfidence below which the service calls a result neutral/calm */
  constructor(minConfidence) {
    this.#minConfidence = minConfidence;
  }

  /** @param {object} result of an `emotion.result` @param {number} now in ms @returns {Words} */
  read(result, now) {
    if (result.anomaly) return { kind: "anomaly", ...this.#held(now), note: UNLIKE };
    const words = this.#words(result);
    this.#shown = { now, word: words.word, confidence: words.confidence };
    return words;
  }

  // A single odd moment greys out what was shown, but does not make it flicker.
  #held(now) {
    const held = this.#shown !== null && now - this.#shown.now <= HELD_MS;
    return held ? { word: this.#shown.word, confidence: this.#shown.confidence } : { word: "Not shown", confidence: "" };
  }

  #words({ emotion, rawEmotion, confidence, modality }) {
    const basis = `From ${PROFILES[modality]}.`;
    const word = capitalised(emotion);
    if (confidence >= this.#minConfidence) return { kind: "sure", word, confidence: percent(confidence), note: basis };
    const note = `${basis} Not sure: ${rawEmotion} comes first, but with less than ${percent(this.#minConfidence)}.`;
    return { kind: "unsure", word, confidence: "not sure", note };
  }
}
