/** Sending times kept to measure latency by: one minute of chunks. */
const KEPT = 600;

/** When the messages of one kind were sent, counted from 1 as the service counts them. */
export class Sent {
  #times = [];
  count = 0;

  note() {
    this.#times[this.count % KEPT] = performance.now();
    this.count += 1;
  }

  /** When message `number` was sent, on this page's clock; undefined where it is not known. */
  at(number) {
    const known = number > this.count - KEPT && number <= this.count;
    return known ? this.#times[(number - 1) % KEPT] : undefined;
  }

  clear() {
    this.count = 0;
  }
}
