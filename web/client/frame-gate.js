/** Lets so many frames a second pass: evenly on average, and never two in a burst. */
export class FrameGate {
  #fps;
  #last = -Infinity;
  #due = -Infinity;

  constructor(fps) {
    this.#fps = fps;
  }

  get fps() {
    return this.#fps;
  }

  /** Counts from the last frame that passed, so that a lower rate holds at once. */
  set fps(fps) {
    this.#fps = fps;
    this.#due = this.#last + 1000 / fps;
  }

  /** @param {number} now in ms @returns {boolean} */
  passes(now) {
    if (now < this.#due) return false;
    const gap = 1000 / this.#fps;
    this.#due = now - this.#due < gap ? this.#due + gap : now + gap;
    this.#last = now;
    return true;
  }
}
