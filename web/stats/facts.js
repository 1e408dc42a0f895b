import { make, write } from "../page/elements.js";
import { count, percent, span } from "./figures.js";

const DATES = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

const FACTS = {
  "Counting since": ({ ts, since_ts: since }) => `${DATES.format(1000 * since)} (${span(ts - since)})`,
  "Results in all": ({ totals }) => `${count(totals.results)}, ${count(totals.anomalies)} flagged`,
  "Strain": ({ strain }) => `${percent(strain)} of the steps on the room host that has most`,
  "Room hosts": (stats) => `${count(stats.hosts)}, ${count(stats.host_restarts)} restarts`,
  "Ingress replicas": (stats) => `${count(stats.ingress_replicas)}, ${count(stats.ingress_restarts)} restarts`,
  "Cost of telemetry": (stats) => `${percent(stats.telemetry_cpu)} of one core`,
};

/** What is left to say of the service and of the counting. */
export class Facts {
  #values;

  /** @param {HTMLDListElement} list */
  constructor(list) {
    this.#values = Object.entries(FACTS).map(([name, words]) => {
      const value = make("dd", { "data-fact": name });
      list.append(make("div", {}, make("dt", {}, name), value));
      return { words, value };
    });
  }

  show(stats) {
    for (const { words, value } of this.#values) write(value, words(stats));
  }
}
