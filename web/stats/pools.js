import { at, make, write } from "../page/elements.js";
import { count, milliseconds, NONE, percent } from "./figures.js";
import { Sparkline } from "./sparkline.js";
import { Table } from "./table.js";
import { poolWarnings } from "./warnings.js";

const TREND_MS = 5 * 60_000;

/** How each pool of replicas fares. */
export class Pools {
  #history = null;
  #table = new Table(
    at("pools"),
    "Pools of replicas",
    [
      { name: "Pool", fill: (cell, pool, name) => this.#name(cell, pool, name) },
      { name: "Replicas", text: ({ replicas }) => count(replicas), kind: "number" },
      { name: "Restarts", text: ({ restarts }) => count(restarts), kind: "number" },
      { name: "Depth", fill: (cell, pool, name) => this.#depth(cell, pool, name), kind: "number depth" },
      { name: "Utilisation", fill: meter, kind: "number utilisation" },
      { name: "Mean batch", text: ({ batch }) => batch.mean?.toFixed(1) ?? NONE, kind: "number" },
      { name: "Waiting, P95", text: ({ queue_ms: { p95 } }) => milliseconds(p95), kind: "number" },
      { name: "Computing, P50 and P95", text: ({ work_ms }) => computing(work_ms), kind: "number computing" },
    ],
    "No replica has reported yet.",
  );
  #sparklines = new Map();

  show({ pools }, history) {
    this.#history = history;
    this.#table.show(Object.entries(pools));
  }

  #name(cell, pool, name) {
    if (!cell.firstChild) cell.append(make("span"), make("span", { class: "warned" }));
    const wrong = poolWarnings(name, pool, this.#history).map(({ short }) => short);
    write(cell.firstChild, name);
    write(cell.lastChild, wrong.length === 0 ? "" : ` ▲ ${wrong.join(", ")}`);
  }

  #depth(cell, pool, name) {
    if (!this.#sparklines.has(name)) this.#sparklines.set(name, new Sparkline(`${name} depth`, TREND_MS));
    const sparkline = this.#sparklines.get(name);
    if (!cell.firstChild) cell.append(sparkline.element, make("span"));
    sparkline.show(this.#history);
    write(cell.lastChild, count(pool.depth));
  }
}

const computing = ({ p50, p95 }) => (p50 === null ? NONE : `${milliseconds(p50).replace(" ms", "")}, ${milliseconds(p95)}`);

function meter(cell, { utilisation }) {
  if (!cell.firstChild) {
    cell.append(make("span", { class: "bar", "aria-hidden": "true" }, make("i")), make("span"));
  }
  cell.dataset.busy = utilisation > 0.9;
  cell.querySelector("i").style.transform = `translateX(${100 * (Math.min(1, utilisation) - 1)}%)`;
  write(cell.lastChild, percent(utilisation));
}
