import { LatencyChart } from "./chart.js";
import { at, write } from "../page/elements.js";
import { count, milliseconds, PROFILES } from "./figures.js";
import { Stages } from "./stages.js";
import { Table } from "./table.js";

const endToEnd = (name) => ({ end_to_end: spread }) => milliseconds(spread[name]).replace(" ms", "");

/** How long results take: how it is spread, over time, and where. */
export class Latency {
  #table = new Table(at("percentiles"), "Latency end to end by profile", [
    { name: "End to end, ms", text: (_, profile) => PROFILES[profile] },
    { name: "P50", text: endToEnd("p50"), kind: "number" },
    { name: "P90", text: endToEnd("p90"), kind: "number" },
    { name: "P95", text: endToEnd("p95"), kind: "number" },
    { name: "P99", text: endToEnd("p99"), kind: "number" },
    { name: "n", text: ({ end_to_end: { n } }) => count(n), kind: "number" },
  ]);
  #chart = new LatencyChart(at("chart"));
  #stages = new Stages(at("stages"), at("legend"));

  show(stats, history) {
    write(at("window"), String(stats.window_s));
    this.#table.show(Object.keys(PROFILES).map((profile) => [profile, stats.latency_ms[profile]]));
    this.#chart.show(history);
    this.#stages.show(stats);
  }
}
