const EVERY_MS = 2_000;
const LONGEST_MS = 30_000;
const PATIENCE_MS = 8_000;
const UNAUTHORIZED = 401;

/**
 * Asks for figures every two seconds: never twice at once, less often while there is no answer, and not at
 * all while nobody looks.
 */
export class Poller {
  #told;
  #token = null;
  #timer = null;
  #asking = false;
  #failures = 0;
  #started = false;

  /** @param told functions that are told what came of it: `stats`, `failed`, `refused` */
  constructor(told) {
    this.#told = told;
    document.addEventListener("visibilitychange", () => this.#hurry());
    addEventListener("online", () => this.#hurry());
  }

  /** @param {string | null} token sent along */
  start(token) {
    this.#token = token;
    this.#started = true;
    this.#failures = 0;
    this.#hurry();
  }

  stop() {
    this.#started = false;
    clearTimeout(this.#timer);
  }

  #hurry() {
    clearTimeout(this.#timer);
    if (this.#started && !document.hidden && !this.#asking) this.#ask();
  }

  async #ask() {
    const token = this.#token;
    this.#asking = true;
    let waitMs = EVERY_MS;
    const answer = await this.#fetch(token);
    this.#asking = false;
    // Of a token that has been forgotten meanwhile nothing is shown any more.
    if (!this.#started) return;
    if (token !== this.#token) return this.#hurry();
    if (answer.refused) {
      this.stop();
      return this.#told.refused(answer.words);
    }
    if (answer.stats) {
      this.#failures = 0;
      this.#told.stats(answer.stats);
    } else {
      this.#failures += 1;
      waitMs = Math.min(LONGEST_MS, EVERY_MS * 2 ** (this.#failures - 1));
      this.#told.failed(answer.words, waitMs);
    }
    if (!document.hidden) this.#timer = setTimeout(() => this.#ask(), waitMs);
  }

  async #fetch(token) {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const answer = await fetch("/stats/json", { headers, signal, cache: "no-store" });
      if (answer.ok) return { stats: await answer.json() };
      const { message = `HTTP ${answer.status}` } = await answer.json().catch(() => ({}));
      return { refused: answer.status === UNAUTHORIZED, words: message };
    } catch (fault) {
      return { words: fault.name === "TimeoutError" ? `no answer within ${PATIENCE_MS / 1000} s` : "no connection" };
    }
  }
}
