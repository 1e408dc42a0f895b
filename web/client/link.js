// One WebSocket at a time to the service, made again when it breaks.

import { packEvent } from "./framing.js";

/** Waits between attempts in ms, doubled from the first to the longest. */
const SOON = { first: 400, longest: 8_000 };
const LATER = { first: 2_000, longest: 30_000 };
const NEVER = null;

/** When to join again after an error that closes the socket. */
const AGAIN = {
  BAD_AUTH: NEVER,
  UNAUTHORIZED: NEVER,
  REPLACED: NEVER,
  REFUSED: NEVER,
  AT_CAPACITY: LATER,
  ROOM_UNAVAILABLE: LATER,
  INTERNAL: SOON,
};

const BEAT_MS = 3_000;
const SILENCE_MS = 9_000;
const HELD_MS = 5_000;
const POLICY_VIOLATION = 1008;

export class Link {
  #url;
  #auth;
  #hear;
  #tell;
  #socket = null;
  #joinedAt = null;
  #joinedOnce = false;
  #closed = false;
  #failures = 0;
  #refusal = null;
  #askedAt = null;
  #beat = null;
  #retry = null;
  #retryNow = () => this.#retry !== null && document.visibilityState === "visible" && this.#dial();

  /**
   * @param {string} url of the WebSocket.
   * @param {string} auth the message that begins every connection.
   * @param {(event: string, data: any) => void} hear called with what the service says.
   * @param {(state: object) => void} tell called with {state, ...} when it changes.
   */
  constructor(url, auth, hear, tell) {
    this.#url = url;
    this.#auth = auth;
    this.#hear = hear;
    this.#tell = tell;
  }

  get joined() {
    return this.#joinedAt !== null;
  }

  /** Bytes handed over and not sent yet. */
  get waitingBytes() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  open() {
    this.#tell({ state: "connecting" });
    // A network that comes back, or a tab that is looked at again, need not sit out a wait.
    addEventListener("online", this.#retryNow);
    document.addEventListener("visibilitychange", this.#retryNow);
    this.#beat = setInterval(() => this.#listenForLife(), BEAT_MS);
    this.#dial();
  }

  /** Hand a message over; false where no connection has joined. */
  send(message) {
    // The server may have begun to close, and that not be known here yet.
    if (!this.joined || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(message);
    return true;
  }

  close(reason = {}) {
    if (this.#closed) return;
    this.#closed = true;
    removeEventListener("online", this.#retryNow);
    document.removeEventListener("visibilitychange", this.#retryNow);
    clearInterval(this.#beat);
    clearTimeout(this.#retry);
    this.#letGo();
    this.#joinedAt = null;
    this.#tell({ state: "closed", ...reason });
  }

  #dial() {
    clearTimeout(this.#retry);
    this.#retry = null;
    this.#refusal = null;
    this.#askedAt = performance.now();
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      socket.send(this.#auth);
      // Answered at once, while a room may take its time to come up.
      socket.send(packEvent("ping"));
    };
    socket.onmessage = (message) => this.#received(JSON.parse(message.data));
    socket.onclose = ({ code }) => this.#broke(code);
  }

  #received({ event, data }) {
    this.#askedAt = null;
    if (event === "emotion.error" && data.code in AGAIN) this.#refusal = data;
    if (event === "server.status" && !this.joined) {
      this.#joinedAt = performance.now();
      this.#joinedOnce = true;
      this.#tell({ state: "joined", status: data });
    }
    this.#hear(event, data);
  }

  // A connection can die without a close frame. What is judged is an answer that did not come, not
  // the time on the clock: in a background tab the timer itself may come late.
  #listenForLife() {
    if (this.#retry !== null) return;
    const now = performance.now();
    if (this.#askedAt !== null) {
      if (now - this.#askedAt > SILENCE_MS) this.#broke();
    } else {
      this.#askedAt = now;
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(packEvent("ping"));
    }
  }

  #broke(closeCode) {
    this.#letGo();
    const refusal = this.#why(closeCode);
    const held = this.#joinedAt !== null && performance.now() - this.#joinedAt > HELD_MS;
    this.#joinedAt = null;
    const pace = refusal === null ? SOON : AGAIN[refusal.code];
    if (pace === NEVER) {
      this.close(refusal);
      return;
    }
    this.#failures = held ? 1 : this.#failures + 1;
    const wait = Math.min(pace.longest, pace.first * 2 ** (this.#failures - 1));
    const waitMs = Math.round(wait * (0.5 + Math.random() / 2));
    this.#retry = setTimeout(() => this.#dial(), waitMs);
    this.#tell({ state: "reconnecting", waitMs, attempt: this.#failures, ...refusal });
  }

  #why(closeCode) {
    if (this.#refusal !== null) return { code: this.#refusal.code, message: this.#refusal.message };
    // Closed without a word before any join: the service does not take sockets of this origin.
    const refused = closeCode === POLICY_VIOLATION && !this.#joinedOnce;
    return refused ? { code: "REFUSED", message: "the service takes no sockets of this origin" } : null;
  }

  #letGo() {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onmessage = socket.onclose = null;
    socket.onopen = () => socket.close();
    // Browsers warn of a socket that is closed while it still opens.
    if (socket.readyState !== WebSocket.CONNECTING) socket.close();
  }
}
