import { at } from "../page/elements.js";
import { count, NONE, rate } from "./figures.js";
import { DROPS, ERRORS } from "./reasons.js";
import { Table } from "./table.js";

/** What was dropped, and what clients were told went wrong: how much, what it means, what to do. */
export class Faults {
  #drops = table("drops", "Dropped by reason", "Reason", DROPS, "Nothing was dropped.");
  #errors = table("errors", "Errors by code", "Code", ERRORS, "No client was told of an error.");

  show({ per_second: perSecond, totals }) {
    this.#drops.show(rows(perSecond.drops, totals.drops));
    this.#errors.show(rows(perSecond.errors, totals.errors));
  }
}

function table(id, caption, name, reasons, nothing) {
  const columns = [
    { name, text: (_, key) => key, kind: "code" },
    { name: "A second", text: ({ perSecond }) => rate(perSecond), kind: "number" },
    { name: "In all", text: ({ total }) => count(total), kind: "number" },
    { name: "Means", text: (_, key) => reasons[key]?.[0] ?? NONE, kind: "words" },
    { name: "What to do", text: (_, key) => reasons[key]?.[1] ?? NONE, kind: "words" },
  ];
  return new Table(at(id), caption, columns, nothing);
}

/** The most frequent first. By what is counted in all, so that rows do not jump about. */
function rows(perSecond, totals) {
  return Object.entries(totals)
    .sort(([, one], [, other]) => other - one)
    .map(([key, total]) => [key, { perSecond: perSecond[key] ?? 0, total }]);
}
