import { draw } from "../page/elements.js";
import { runs } from "./history.js";

const WIDTH = 100;
const HEIGHT = 24;

/** A small line of a figure over the last minutes, from zero up; its height is told beside it. */
export class Sparkline {
  #path = draw("path", { class: "line", "vector-effect": "non-scaling-stroke" });
  #name;
  #ms;
  element = draw(
    "svg",
    { class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    this.#path,
  );

  /** @param {string} name of the figure @param {number} ms of the past */
  constructor(name, ms) {
    this.#name = name;
    this.#ms = ms;
  }

  /** @returns {number | null} the highest value of that time */
  show(history) {
    const samples = history.last(this.#ms);
    const values = samples.map((sample) => sample[this.#name]).filter((value) => typeof value === "number");
    const highest = values.length === 0 ? null : Math.max(...values);
    const now = samples.at(-1)?.at ?? 0;
    const x = ({ at }) => (WIDTH * (1 - (now - at) / this.#ms)).toFixed(2);
    const y = (sample) => (HEIGHT - 1.5 - (HEIGHT - 3) * (sample[this.#name] / (highest || 1))).toFixed(2);
    const lines = runs(samples, this.#name).map((run) => `M${run.map((sample) => `${x(sample)} ${y(sample)}`).join("L")}`);
    this.#path.setAttribute("d", lines.join(""));
    return highest;
  }
}
