import { capitalised, faults, percent, PROFILES } from "./wording.js";

/** So long does the last result that may be shown outlast ones that may not. */
const HELD_MS = 1_500;

const UNSURE = "Unsure: no single emotion stands out.";

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
  #shown = null;

  /** @param {object} result of an `emotion.result` @param {number} now in ms @returns {Words} */
  read(result, now) {
    if (result.anomaly) {
      return { kind: "anomaly", ...this.#held(now), note: `Not shown. ${faults(result.anomalyReasons)}` };
    }
    const words = wordsOf(result);
    this.#shown = { now, word: words.word, confidence: words.confidence };
    return words;
  }

  // A single odd moment greys out what was shown, but does not make it flicker.
  #held(now) {
    const held = this.#shown !== null && now - this.#shown.now <= HELD_MS;
    return held ? { word: this.#shown.word, confidence: this.#shown.confidence } : { word: "Not shown", confidence: "" };
  }
}

function wordsOf({ emotion, uncertain, confidence, modality, anomalyReasons }) {
  const note = `From ${PROFILES[modality]}. ${faults(anomalyReasons)}`.trim();
  const said = { word: capitalised(emotion), confidence: percent(confidence) };
  if (!uncertain) return { kind: "sure", ...said, note };
  return { kind: "unsure", word: said.word, confidence: `unsure, ${said.confidence}`, note: `${note} ${UNSURE}` };
}
