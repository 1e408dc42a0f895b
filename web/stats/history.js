import { anomalyShare, sum } from "./figures.js";

export const KEPT_MS = 15 * 60_000;
const MOST = 600;

/** Between samples further apart nothing was seen: the tab was hidden, or the service away. */
export const GAP_MS = 12_000;

/**
 * The figures of the last quarter of an hour, as this page saw them; what is older is forgotten.
 *
 * @typedef {{ at: number } & Record<string, number | null>} Sample `at` in ms of `performance.now()`
 */
export class History {
  /** @type {Sample[]} */
  samples = [];
  #since = null;

  /** @param {object} stats body of `/stats/json` */
  add(stats, at) {
    // Its process was replaced, and counts from 0: what it counted before cannot be compared.
    if (this.#since !== null && this.#since !== stats.since_ts) this.samples = [];
    this.#since = stats.since_ts;
    this.samples.push(sampleOf(stats, at));
    while (at - this.samples[0].at > KEPT_MS || this.samples.length > MOST) this.samples.shift();
  }

  /** Samples of the last so many milliseconds. */
  last(ms) {
    const newest = this.samples.at(-1)?.at;
    return this.samples.filter((sample) => newest - sample.at <= ms);
  }

  /** By how much a figure has risen in the last so many milliseconds. */
  rise(name, ms) {
    const values = this.last(ms).map((sample) => sample[name] ?? 0);
    return values.length === 0 ? 0 : values.at(-1) - values[0];
  }
}

function sampleOf(stats, at) {
  const { p50, p95 } = stats.latency_ms.all.end_to_end;
  const sample = {
    at,
    participants: stats.participants,
    rooms: stats.rooms,
    sockets: stats.sockets,
    results: stats.per_second.results,
    p50,
    p95,
    anomalies: anomalyShare(stats),
    errors: sum(stats.per_second.errors),
    restarts: stats.ingress_restarts,
    hostRestarts: stats.host_restarts,
  };
  for (const [name, pool] of Object.entries(stats.pools)) {
    sample[`${name} depth`] = pool.depth;
    sample[`${name} restarts`] = pool.restarts;
  }
  return sample;
}

/** Runs of samples without a gap, in which a figure is known. */
export function runs(samples, name) {
  const found = [];
  let last = null;
  for (const sample of samples) {
    if (sample[name] === null || sample[name] === undefined) {
      last = null;
      continue;
    }
    if (last === null || sample.at - last.at > GAP_MS) found.push([]);
    found.at(-1).push(sample);
    last = sample;
  }
  return found;
}
