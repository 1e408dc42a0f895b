/** Says things to screen readers: no more than one in a while, and the newest of those that waited. */
export class Announcer {
  #place;
  #everyMs;
  #saidAt = -Infinity;
  #waiting = null;
  #timer = null;

  /** @param {HTMLElement} place a live region @param {number} everyMs */
  constructor(place, everyMs = 6_000) {
    this.#place = place;
    this.#everyMs = everyMs;
  }

  say(words) {
    this.#waiting = words;
    if (this.#timer !== null) return;
    const waitMs = Math.max(0, this.#saidAt + this.#everyMs - performance.now());
    this.#timer = setTimeout(() => this.#speak(), waitMs);
  }

  #speak() {
    this.#timer = null;
    this.#saidAt = performance.now();
    if (this.#place.textContent !== this.#waiting) this.#place.textContent = this.#waiting;
  }
}
