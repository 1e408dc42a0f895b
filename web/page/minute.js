import { EMOTIONS, percent } from "./wording.js";

/** What a result is counted as. */
export const KINDS = [...EMOTIONS, "not shown"];

export const kindOf = (result) => (result.anomaly ? "not shown" : result.emotion);

export const MINUTE_MS = 60_000;
/** A result stands for the time since the one before it, up to this. */
const LONGEST_STEP_MS = 900;
const STEP_MS = 300;

/** One person's results of the last minute, by their arrival here. */
export class Minute {
  #steps = [];

  add(result, now) {
    const last = this.#steps.at(-1);
    const near = last && now - last.to <= LONGEST_STEP_MS;
    this.#steps.push({ from: near ? last.to : now - STEP_MS, to: now, result });
    while (this.#steps[0].to < now - MINUTE_MS) this.#steps.shift();
  }

  get last() {
    return this.#steps.at(-1)?.result;
  }

  /** Since the last result, in ms. */
  age(now) {
    return now - (this.#steps.at(-1)?.to ?? -Infinity);
  }

  /** Steps {from, to, result} that are less than a minute old; from and to in ms before now. */
  steps(now) {
    return this.#steps
      .filter(({ to }) => to > now - MINUTE_MS)
      .map(({ from, to, result }) => ({ from: now - from, to: now - to, result }));
  }

  /** How many results of each kind: an emotion, or not shown. */
  count(now) {
    const counts = new Map(KINDS.map((kind) => [kind, 0]));
    for (const { result } of this.steps(now)) counts.set(kindOf(result), counts.get(kindOf(result)) + 1);
    return counts;
  }

  /** The minute in a sentence. */
  words(now) {
    const counts = [...this.count(now)].filter(([, count]) => count > 0);
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    if (total === 0) return "The last minute: no results";
    const parts = counts
      .sort(([, one], [, other]) => other - one)
      .map(([kind, count]) => `${kind} ${percent(count / total)}`);
    return `The last minute: ${parts.join(", ")} of the results`;
  }
}
