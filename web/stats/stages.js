import { make, write } from "../page/elements.js";
import { milliseconds, PROFILES } from "./figures.js";

/** In the order in which a result passes them. */
export const STAGES = {
  clock: "The newest sound or image waits for its time step to close. Steps close every 0.3 s, whatever the load; a face is the one nearest to a step's middle.",
  queue: "All that is not computing: waiting for a slot and a batch, travel between processes. Grows first when something is short.",
  encode: "AudioFeatures and FaceFeatures read sound and face, at the same time.",
  predict: "FeatureEngineering and Ensemble compute the answer.",
  ingress: "From the socket to the room, and from the room to the socket.",
};

/** How much of a result's time each stage takes, by profile, on one scale. */
export class Stages {
  #bars;
  #means;

  /** @param {HTMLUListElement} list @param {HTMLDListElement} legend */
  constructor(list, legend) {
    this.#bars = Object.entries(PROFILES).map(([profile, name]) => {
      const bar = new Bar(name);
      list.append(bar.element);
      return [profile, bar];
    });
    this.#means = Object.entries(STAGES).map(([stage, meaning]) => {
      const mean = make("span", { class: "soft number" });
      const swatch = make("i", { class: "swatch", "data-stage": stage });
      const name = make("dt", {}, swatch, stage, " ", mean);
      legend.append(make("div", {}, name, make("dd", { class: "soft small" }, meaning)));
      return [stage, mean];
    });
  }

  show({ latency_ms: latency }) {
    const longest = Math.max(...Object.values(latency).filter(isKnown).map(sumOf));
    for (const [profile, bar] of this.#bars) bar.show(latency[profile], longest);
    for (const [stage, mean] of this.#means) write(mean, milliseconds(latency.all[stage].mean));
  }
}

const isKnown = (stages) => stages.end_to_end.n > 0;

const sumOf = (stages) => Object.keys(STAGES).reduce((total, stage) => total + (stages[stage].mean ?? 0), 0);

class Bar {
  #parts;
  #total = make("span", { class: "number" });
  #words = make("p", { class: "soft small number" });
  element;

  constructor(name) {
    this.#parts = Object.entries(STAGES).map(([stage, meaning]) => [
      stage,
      make("i", { "data-stage": stage, title: `${stage}: ${meaning}` }),
    ]);
    const stack = make("div", { class: "stack", "aria-hidden": "true" }, ...this.#parts.map(([, part]) => part));
    this.element = make("li", {}, make("p", { class: "name" }, name, " ", this.#total), stack, this.#words);
  }

  show(stages, longest) {
    const known = isKnown(stages) && longest > 0;
    for (const [stage, part] of this.#parts) {
      part.style.width = `${known ? (100 * (stages[stage].mean ?? 0)) / longest : 0}%`;
    }
    write(this.#total, known ? milliseconds(stages.end_to_end.mean) : "");
    const terms = this.#parts.map(([stage]) => `${stage} ${milliseconds(stages[stage].mean ?? 0).replace(" ms", "")}`);
    write(this.#words, known ? terms.join(" + ") : "No result of this kind lately.");
  }
}
