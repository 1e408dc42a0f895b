import { draw } from "../page/elements.js";
import { count, milliseconds } from "./figures.js";
import { KEPT_MS, runs } from "./history.js";

const HEIGHT = 230;
const MARGIN = { top: 10, right: 92, bottom: 24, left: 48 };
const LABEL_PX = 15;
const NARROW_PX = 300;
const MINUTE_MS = 60_000;
const SPANS_MS = [2, 5, 10, 15].map((minutes) => minutes * MINUTE_MS);
const LINES = ["p95", "p50"];

/** P50 and P95 over the last minutes: one axis from zero up, and the lines named where they end. */
export class LatencyChart {
  #svg = draw("svg", { class: "chart", role: "img" });
  #history = null;

  /** @param {HTMLElement} figure */
  constructor(figure) {
    figure.append(this.#svg);
    new ResizeObserver(() => this.#draw()).observe(figure);
  }

  /** @param {import("./history.js").History} history */
  show(history) {
    this.#history = history;
    this.#draw();
  }

  #draw() {
    // In pixels of the screen, so that letters keep their size on every one.
    const width = this.#svg.parentElement.clientWidth;
    if (this.#history === null || width === 0) return;
    const samples = this.#history.last(KEPT_MS);
    const plot = new Plot(samples, width);
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.#svg.setAttribute("aria-label", inWords(samples));
    this.#svg.replaceChildren(...plot.grid(), ...LINES.map((name) => plot.line(name)), ...plot.labels());
  }
}

/** Where things lie in one drawing. */
class Plot {
  #samples;
  #width;
  #spanMs;
  #top;
  #step;

  constructor(samples, width) {
    this.#samples = samples;
    this.#width = width;
    const age = samples.length === 0 ? 0 : samples.at(-1).at - samples[0].at;
    this.#spanMs = SPANS_MS.find((span) => age <= span) ?? KEPT_MS;
    const highest = Math.max(0, ...samples.map(({ p95 }) => p95 ?? 0));
    this.#step = stepOf(highest || 100);
    this.#top = this.#step * Math.ceil((highest || 100) / this.#step);
  }

  #x(agoMs) {
    return MARGIN.left + (this.#width - MARGIN.left - MARGIN.right) * (1 - agoMs / this.#spanMs);
  }

  #y(ms) {
    return MARGIN.top + (HEIGHT - MARGIN.top - MARGIN.bottom) * (1 - ms / this.#top);
  }

  grid() {
    const marks = [];
    const right = this.#width - MARGIN.right;
    for (let ms = 0; ms <= this.#top; ms += this.#step) {
      const y = this.#y(ms);
      marks.push(draw("line", { class: ms === 0 ? "zero" : "rule", x1: MARGIN.left, x2: right, y1: y, y2: y }));
      marks.push(draw("text", { x: MARGIN.left - 8, y: y + 4, "text-anchor": "end" }, count(ms)));
    }
    const minutes = this.#spanMs / MINUTE_MS;
    for (const share of right > NARROW_PX ? [1, 0.5, 0] : [1, 0]) {
      const words = share === 0 ? "now" : `${minutes * share} min ago`;
      const anchor = { 1: "start", 0: "end" }[share] ?? "middle";
      marks.push(draw("text", { x: this.#x(this.#spanMs * share), y: HEIGHT - 6, "text-anchor": anchor }, words));
    }
    return marks;
  }

  line(name) {
    const now = this.#samples.at(-1)?.at;
    const point = (sample) => `${this.#x(now - sample.at).toFixed(1)} ${this.#y(sample[name]).toFixed(1)}`;
    const path = runs(this.#samples, name).map((run) => `M${run.map(point).join("L")}`);
    return draw("path", { class: `line ${name}`, d: path.join("") });
  }

  labels() {
    const newest = this.#samples.at(-1);
    if (!newest || newest.p95 === null) return [];
    const heights = LINES.map((name) => this.#y(newest[name]) + 4);
    // Two lines that end close to each other must not be named on top of each other.
    heights[1] = Math.max(heights[1], heights[0] + LABEL_PX);
    const over = Math.max(0, heights[1] - (HEIGHT - MARGIN.bottom));
    return LINES.map((name, place) =>
      draw("text", { class: `label ${name}`, x: this.#width - MARGIN.right + 8, y: heights[place] - over },
        `${name.toUpperCase()} ${milliseconds(newest[name])}`),
    );
  }
}

/** A step of 1, 2 or 5 times a power of ten, of which about four make the whole. */
function stepOf(whole) {
  const power = 10 ** Math.floor(Math.log10(whole / 4));
  return power * [1, 2, 5, 10].find((step) => (4 * power * step) >= whole);
}

function inWords(samples) {
  const known = samples.filter(({ p95 }) => p95 !== null).map(({ p95 }) => p95);
  const { p50, p95 } = samples.at(-1) ?? { p50: null, p95: null };
  if (known.length === 0) return "No result yet.";
  const now = p95 === null ? "No result lately" : `Now P50 ${milliseconds(p50)}, P95 ${milliseconds(p95)}`;
  return `${now}; P95 between ${milliseconds(Math.min(...known))} and ${milliseconds(Math.max(...known))}.`;
}
