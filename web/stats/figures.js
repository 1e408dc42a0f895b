// Figures as they are read, and what the page derives from the service's own.

export const NONE = "–";

const GROUPED = new Intl.NumberFormat("en");

export const count = (n) => GROUPED.format(Math.round(n));

/** Something by the second. */
export function rate(perSecond) {
  if (perSecond === 0) return "0";
  if (perSecond < 0.1) return perSecond < 0.01 ? "< 0.01" : perSecond.toFixed(2);
  return perSecond < 100 ? perSecond.toFixed(1) : count(perSecond);
}

export function milliseconds(ms) {
  if (ms === null) return NONE;
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${count(ms)} ms`;
}

export function percent(share) {
  if (share === null) return NONE;
  return share > 0 && share < 0.0995 ? `${(100 * share).toFixed(1)} %` : `${Math.round(100 * share)} %`;
}

/** A span of time, no finer than it matters. */
export function span(seconds) {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

export const sum = (counts) => Object.values(counts).reduce((total, n) => total + n, 0);

/** Share of the results that were flagged lately; null without results. */
export const anomalyShare = ({ per_second: { results, anomalies } }) => (results > 0 ? anomalies / results : null);

export const PROFILES = {
  all: "All",
  both: "Voice and face",
  audio_only: "Voice alone",
  video_only: "Face alone",
};
