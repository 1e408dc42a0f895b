// The browser client: streams a camera and a microphone to the service, and says what comes back.
// docs/web.md shows how to use it in a page of your own.

import { Capture } from "./client/capture.js";
import { packEvent, packImage, packSound } from "./client/framing.js";
import { Link } from "./client/link.js";
import { Sent } from "./client/sent.js";

/** Bytes that may wait in the socket before pictures are skipped, and before sound is, too. */
const MAX_WAITING_BEFORE_IMAGE = 100_000;
const MAX_WAITING_BEFORE_SOUND = 300_000;

const EVENTS = {
  "emotion.result": "result",
  "server.status": "status",
  backpressure: "backpressure",
  "emotion.error": "fault",
};

/** Why a client was not let in; `code` is one of the protocol's. */
export class HoovikError extends Error {
  constructor(code, message) {
    super(message);
    this.name = "HoovikError";
    this.code = code;
  }
}

/**
 * One participant, or one observer, of a room; join again with a new one.
 *
 * Events, each a CustomEvent: `state` {state: connecting | joined | reconnecting | closed, code?,
 * message?, waitMs?}; `status`, `backpressure` and `fault` as the service sends them; and `result`,
 * to which `clientLatencyMs` is added: from sending the newest sample that it rests on to its
 * arrival here, null for the results of others.
 */
export class HoovikClient extends EventTarget {
  #join;
  #link;
  #capture;
  #settled = Promise.withResolvers();
  #sounds = new Sent();
  #images = new Sent();
  #participantId = null;
  #askedFps = null;
  #refused = false;

  /** One of connecting, joined, reconnecting, closed; null before `connect`. */
  state = null;

  /** Counts since the beginning, over all connections. */
  counts = { sounds: 0, images: 0, skippedSounds: 0, skippedImages: 0, connections: 0 };

  /**
   * @param {object} options
   * @param {string} options.participantId who the socket speaks for.
   * @param {string | URL} [options.url] of the WebSocket; left out: of where this file came from.
   * @param {string} [options.roomId] left out: a room of one's own.
   * @param {"participant" | "observer"} [options.role]
   * @param {string} [options.token] where the service asks for one.
   * @param {boolean} [options.consent] that the participant has agreed to be read.
   * @param {number} [options.maxWidth] of the pictures sent, in pixels.
   * @param {number} [options.quality] of their JPEG, 0 to 1.
   */
  constructor({ url, maxWidth = 640, quality = 0.8, consent = false, ...join }) {
    super();
    this.#join = { ...join, consent };
    this.#link = new Link(
      socketUrl(url ?? new URL("../ws", import.meta.url)),
      packEvent("auth", this.#join),
      (event, data) => this.#hear(event, data),
      (change) => this.#turn(change),
    );
    this.#capture = new Capture(
      { maxWidth, quality },
      {
        sound: (samples, sampleRate) => this.#sendSound(samples, sampleRate),
        image: (jpeg) => this.#sendImage(jpeg),
        takesImage: () => this.#takesImage(),
      },
    );
  }

  /** Frames a second that the service asks for now; null before it has. */
  get askedFps() {
    return this.#askedFps;
  }

  /**
   * Join; the promise holds once the service has let the client in. While it cannot be reached, or
   * the room is full, that is tried again.
   *
   * @throws {HoovikError} where it is no use to try again, or after `close`.
   */
  async connect() {
    if (this.state !== null) throw new Error("a client joins once; make a new one");
    this.#link.open();
    await this.#settled.promise;
  }

  /**
   * Send what a stream gives: of its camera, its microphone, or both. Needs no `connect` before it;
   * what there is while nobody listens is not kept.
   *
   * @param {MediaStream} stream
   */
  async startCapture(stream) {
    const started = this.#capture.start(stream);
    this.#sayMediaState();
    await started;
  }

  /** Stop sending. The stream's tracks are left to whoever made them. */
  stopCapture() {
    this.#capture.stop();
    this.#sayMediaState();
  }

  /** Switch the microphone: its track, what is sent, and what the service is told. */
  setMic(on) {
    this.#capture.mic = on;
    this.#capture.wake();
    this.#sayMediaState();
  }

  /** Switch the camera: its track, what is sent, and what the service is told. */
  setCamera(on) {
    this.#capture.camera = on;
    this.#capture.wake();
    this.#sayMediaState();
  }

  /** Leave. */
  close() {
    this.#link.close();
  }

  #sayMediaState() {
    if (this.#join.role === "observer") return;
    this.#link.send(packEvent("participant.media_state", this.#capture.mediaState));
  }

  #turn({ state, status, ...detail }) {
    this.state = state;
    if (state === "joined") this.#joined(status);
    if (state === "closed") {
      this.#capture.stop();
      this.#settled.reject(new HoovikError(detail.code ?? "LEFT", detail.message ?? "left"));
      // Whoever has joined, or does not wait for it, is told by the event alone.
      this.#settled.promise.catch(() => {});
    }
    this.#dispatch("state", { state, ...detail });
  }

  #joined(status) {
    this.#sounds.clear();
    this.#images.clear();
    this.counts.connections += 1;
    this.#participantId = status.participantId;
    // For the service, both are on after a join, whatever was said before.
    this.#sayMediaState();
    this.#settled.resolve();
  }

  #hear(event, data) {
    if (event === "server.status") this.#ask(data.targetFps);
    if (event === "backpressure") this.#ask(data.suggestedFps);
    if (event === "emotion.error") this.#react(data.code);
    if (event === "emotion.result") data.clientLatencyMs = this.#latencyMs(data);
    if (event in EVENTS) this.#dispatch(EVENTS[event], data);
  }

  #ask(fps) {
    this.#askedFps = this.#capture.gate.fps = fps;
  }

  #react(code) {
    if (code === "CONSENT_REQUIRED") this.#refused = true;
  }

  #latencyMs({ participantId, basis }) {
    if (participantId !== this.#participantId) return null;
    const times = [this.#sounds.at(basis.audio), this.#images.at(basis.frame)];
    const newest = Math.max(...times.filter((time) => time !== undefined));
    return Number.isFinite(newest) ? performance.now() - newest : null;
  }

  #takesImage() {
    if (!this.#link.joined || this.#refused) return false;
    const takes = this.#link.waitingBytes <= MAX_WAITING_BEFORE_IMAGE;
    if (!takes) this.counts.skippedImages += 1;
    return takes;
  }

  #sendImage(jpeg) {
    if (!this.#link.send(packImage(jpeg))) return;
    this.#images.note();
    this.counts.images += 1;
  }

  #sendSound(samples, sampleRate) {
    if (this.#refused) return;
    if (this.#link.waitingBytes > MAX_WAITING_BEFORE_SOUND) {
      this.counts.skippedSounds += 1;
      return;
    }
    if (!this.#link.send(packSound(samples, sampleRate))) return;
    this.#sounds.note();
    this.counts.sounds += 1;
  }

  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function socketUrl(url) {
  const address = new URL(url, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  return address;
}
