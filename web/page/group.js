// The room as a whole: how many express what, now and over the last minute.

import { KINDS, kindOf } from "./minute.js";
import { percent } from "./wording.js";

export class Group {
  #rows = new Map();

  constructor() {
    for (const kind of KINDS) {
      const row = document.getElementById("share").content.cloneNode(true).firstElementChild;
      const part = (name) => row.querySelector(`[data-part="${name}"]`);
      row.dataset.row = kind;
      part("name").textContent = kind;
      part("swatch").dataset.emotion = part("fill").dataset.emotion = kind;
      document.getElementById("shares").append(row);
      this.#rows.set(kind, { now: part("now"), fill: part("fill"), share: part("share") });
    }
  }

  /** @param {import("./person.js").Person[]} people @returns {string} the same in words */
  show(people, now) {
    const live = people.filter((person) => person.isLive(now));
    const expressed = live.map((person) => kindOf(person.minute.last));
    const minutes = people.map((person) => person.minute.count(now));
    const results = new Map(KINDS.map((kind) => [kind, sum(minutes.map((counts) => counts.get(kind)))]));
    const total = sum([...results.values()]);
    const persons = new Map(KINDS.map((kind) => [kind, expressed.filter((one) => one === kind).length]));
    for (const [kind, row] of this.#rows) {
      const part = total === 0 ? 0 : results.get(kind) / total;
      row.now.textContent = persons.get(kind);
      row.fill.style.transform = `translateX(${100 * (part - 1)}%)`;
      row.share.textContent = total === 0 ? "–" : percent(part);
    }
    document.getElementById("live-count").textContent = live.length;
    document.getElementById("people-count").textContent = people.length;
    const named = KINDS.filter((kind) => persons.get(kind) > 0).map((kind) => `${persons.get(kind)} ${kind}`);
    return [`${live.length} live`, ...named].join(", ");
  }
}

const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
