// What an observer saw, kept in this tab, and as files.

import { EMOTIONS } from "./wording.js";

/** Some 25 minutes of ten people, and as many megabytes. */
const MAX_RESULTS = 50_000;

const COLUMNS = [
  ["time", ({ ts }) => new Date(1000 * ts).toISOString()],
  ["ts", ({ ts }) => ts],
  ["room", (_, room) => room],
  ["participant", ({ participantId }) => participantId],
  ["emotion", ({ result }) => result.emotion],
  ["confidence", ({ result }) => result.confidence],
  ["uncertain", ({ result }) => result.uncertain],
  ["modality", ({ result }) => result.modality],
  ["anomaly", ({ result }) => result.anomaly],
  ["anomaly_reasons", ({ result }) => (result.anomalyReasons ?? []).join(" ")],
  ["anomaly_score", ({ result }) => result.anomalyScore],
  ["untrained", ({ result }) => result.untrained ?? false],
  ...EMOTIONS.map((emotion) => [emotion, ({ result }) => result.probs[emotion]]),
  ["latency_ms", ({ latencyMs }) => latencyMs],
];

export class Journal {
  #room;
  #maxResults;
  #results = [];
  #next = 0;
  #count = 0;

  constructor(room, maxResults = MAX_RESULTS) {
    this.#room = room;
    this.#maxResults = maxResults;
  }

  /** @param {object} result payload of an `emotion.result` */
  add({ participantId, result, basis, latencyMs, ts }) {
    this.#results[this.#next] = { participantId, result, basis, latencyMs, ts };
    this.#next = (this.#next + 1) % this.#maxResults;
    this.#count += 1;
  }

  /** Results that there are files of. */
  get size() {
    return this.#results.length;
  }

  /** Results that had to go. */
  get dropped() {
    return this.#count - this.#results.length;
  }

  /** One result a line, as the service sent it, with the room. */
  jsonl() {
    return this.#inOrder().map((one) => `${JSON.stringify({ roomId: this.#room, ...one })}\n`);
  }

  csv() {
    const rows = this.#inOrder().map((one) => COLUMNS.map(([, value]) => value(one, this.#room)));
    return [COLUMNS.map(([name]) => name), ...rows].map((row) => `${row.map(cell).join(",")}\r\n`);
  }

  #inOrder() {
    if (this.dropped === 0) return this.#results;
    return [...this.#results.slice(this.#next), ...this.#results.slice(0, this.#next)];
  }
}

/** A cell of RFC 4180; text that a spreadsheet would take for a formula is quoted away from it. */
function cell(value) {
  if (typeof value !== "string") return String(value);
  const harmless = /^\s*[=+\-@]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Hand lines over as a file. */
export function download(name, type, lines) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(lines, { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
