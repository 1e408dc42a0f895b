const WINDOW_MS = 3_000;

/** How fast a count grows, over the last seconds. */
export class Rate {
  #seen = [];

  /** @param {number} count so far @param {number} now in ms @returns {number} a second */
  at(count, now) {
    this.#seen.push({ count, now });
    while (this.#seen.length > 2 && this.#seen[1].now <= now - WINDOW_MS) this.#seen.shift();
    const first = this.#seen[0];
    return now > first.now ? (1000 * (count - first.count)) / (now - first.now) : 0;
  }
}
