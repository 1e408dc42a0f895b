import { EMOTIONS, percent } from "./wording.js";

/** One bar for each emotion, which moves to its probability. */
export class Bars {
  #rows = new Map();

  /** @param {HTMLUListElement} list */
  constructor(list) {
    for (const emotion of EMOTIONS) {
      const [name, bar, value] = ["span", "span", "span"].map((tag) => document.createElement(tag));
      const fill = document.createElement("i");
      name.textContent = emotion;
      bar.className = "bar";
      fill.dataset.emotion = emotion;
      value.className = "value number";
      value.textContent = "–";
      bar.append(fill);
      const row = document.createElement("li");
      row.append(name, bar, value);
      list.append(row);
      this.#rows.set(emotion, { fill, value });
    }
  }

  /** @param {Record<string, number>} probs */
  show(probs) {
    for (const [emotion, { fill, value }] of this.#rows) {
      fill.style.transform = `translateX(${100 * (probs[emotion] - 1)}%)`;
      value.textContent = percent(probs[emotion]);
    }
  }

  clear() {
    for (const { fill, value } of this.#rows.values()) {
      fill.style.transform = "";
      value.textContent = "–";
    }
  }
}
