// What an operator should look at, in words. The same bounds as those of infra/prometheus/alerts.yml.

export const RECENT_MS = 5 * 60_000;

const BUSY = 0.9;
const SLOW_MS = 1_000;
const LOST_PER_S = 0.1;
const LOST = ["RESULT_LOST", "ROOM_RESTARTED", "INTERNAL"];
const GROWTH_MS = 60_000;
const GROWN_BY = 3;

/**
 * The words say nothing that changes from one look to the next, so that they are announced once.
 *
 * @param {object} stats @param {import("./history.js").History} history
 * @returns {string[]}
 */
export function warnings(stats, history) {
  const found = [];
  const { per_second: perSecond, latency_ms: latency } = stats;
  if (stats.participants > 0 && perSecond.results === 0) {
    found.push("Participants are there, and none gets a result. If they are not all muted and unseen, see the pools and the errors.");
  }
  if ((latency.all.end_to_end.p95 ?? 0) > SLOW_MS) {
    found.push("One result in twenty takes more than a second. The stages below tell where.");
  }
  if (LOST.reduce((total, code) => total + (perSecond.errors[code] ?? 0), 0) > LOST_PER_S) {
    found.push("Workers or rooms keep dying, and clients are told so. The logs say of what.");
  }
  if (perSecond.errors.AT_CAPACITY > 0) {
    found.push("Participants are refused for want of room: add ingress replicas, or admit more to a room.");
  }
  if (history.rise("restarts", RECENT_MS) > 0) {
    found.push("An ingress replica was lost in the last five minutes; its clients had to reconnect.");
  }
  if (history.rise("hostRestarts", RECENT_MS) > 0) {
    found.push("A room host was lost in the last five minutes; its rooms began anew. The logs say of what.");
  }
  return [...found, ...ofPools(stats.pools, history)];
}

/** Pools of which the same is to be said stand in one line. */
function ofPools(pools, history) {
  const names = new Map();
  for (const [name, pool] of Object.entries(pools)) {
    for (const { words } of poolWarnings(name, pool, history)) names.set(words, [...(names.get(words) ?? []), name]);
  }
  return [...names].map(([words, of]) => `${of.join(", ")}: ${words}`);
}

/** @returns {{ short: string, words: string }[]} what is wrong with one pool */
export function poolWarnings(name, pool, history) {
  if (pool.replicas === 0) {
    return [{ short: "no replica", words: "no replica reports, so nothing that needs one can be answered." }];
  }
  const found = [];
  if (history.rise(`${name} restarts`, RECENT_MS) > 0) {
    found.push({ short: "replica lost", words: "a replica was lost in the last five minutes; the logs say of what." });
  }
  if (pool.utilisation > BUSY) {
    found.push({ short: "busy", words: "computing more than 90 % of the time, so results wait. Add replicas." });
  }
  if (grows(history, `${name} depth`, GROWN_BY * Math.max(1, pool.replicas))) {
    found.push({ short: "growing", words: "the depth has grown for a minute: more comes than can be answered. Add replicas." });
  }
  return found;
}

/** Whether a figure rose from each third of the last minute to the next, and by so much in all. */
function grows(history, name, by) {
  const samples = history.last(GROWTH_MS);
  const third = Math.floor(samples.length / 3);
  if (third < 5) return false;
  const means = [0, 1, 2].map((part) => mean(samples.slice(part * third, (part + 1) * third), name));
  return means[0] < means[1] && means[1] < means[2] && means[2] - means[0] >= by;
}

const mean = (samples, name) => samples.reduce((total, sample) => total + (sample[name] ?? 0), 0) / samples.length;
