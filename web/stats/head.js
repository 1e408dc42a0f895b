import { make, write } from "../page/elements.js";
import { anomalyShare, count, milliseconds, NONE, percent, rate, sum } from "./figures.js";
import { Sparkline } from "./sparkline.js";

const TREND_MS = 5 * 60_000;

/** What is seen first: name in the history, what it is called, how it reads, and its value. */
const TILES = [
  ["participants", "Participants", count, (stats) => stats.participants],
  ["rooms", "Rooms", count, (stats) => stats.rooms],
  ["sockets", "Sockets", count, (stats) => stats.sockets],
  ["results", "Results/s", rate, (stats) => stats.per_second.results],
  ["p95", "P95 latency", milliseconds, (stats) => stats.latency_ms.all.end_to_end.p95],
  ["anomalies", "Anomalies", percent, anomalyShare],
  ["errors", "Errors/s", rate, (stats) => sum(stats.per_second.errors)],
];

/** The service at a glance. */
export class Head {
  #tiles;

  /** @param {HTMLDListElement} list */
  constructor(list) {
    this.#tiles = TILES.map(([name, label, words, value]) => {
      const shown = make("dd", { class: "value number", "data-figure": name }, NONE);
      const sparkline = new Sparkline(name, TREND_MS);
      const highest = make("span");
      const trend = make("dd", { class: "trend soft" }, sparkline.element, highest);
      list.append(make("div", { class: "card" }, make("dt", { class: "eyebrow" }, label), shown, trend));
      return { words, value, shown, sparkline, highest };
    });
  }

  show(stats, history) {
    for (const { words, value, shown, sparkline, highest } of this.#tiles) {
      write(shown, words(value(stats)));
      const most = sparkline.show(history);
      write(highest, most === null ? "nothing yet" : `up to ${words(most)}`);
    }
  }
}
