import { Camera } from "./camera.js";
import { FrameGate } from "./frame-gate.js";
import { Microphone } from "./microphone.js";

/** What a stream's microphone and camera give, while their buttons are on. */
export class Capture {
  #stream;
  #outlet;
  #microphone = new Microphone();
  #camera;
  #on = { mic: true, camera: true };
  gate = new FrameGate(1);

  /**
   * @param {{ maxWidth: number, quality: number }} pictures
   * @param {object} outlet where media go: `sound(samples, sampleRate)`, `image(jpeg)`, and
   *   `takesImage()`, asked before a picture is made.
   */
  constructor(pictures, outlet) {
    this.#camera = new Camera(pictures);
    this.#outlet = outlet;
  }

  async start(stream) {
    this.#stream = stream;
    const [video] = stream.getVideoTracks();
    const hasSound = stream.getAudioTracks().length > 0;
    this.#enableTracks();
    const seeing = video && this.#camera.start(video, () => this.#look());
    const hearing = this.#microphone.start(hasSound ? stream : null, (samples, sampleRate) => {
      if (this.mediaState.micEnabled) this.#outlet.sound(samples, sampleRate);
      // New pictures announce themselves only where the tab is seen; sound keeps time elsewhere.
      this.#look();
    });
    await Promise.all([seeing, hearing]);
  }

  /** What is on, of what there is. */
  get mediaState() {
    return {
      micEnabled: this.#on.mic && isLive(this.#stream?.getAudioTracks()),
      cameraEnabled: this.#on.camera && isLive(this.#stream?.getVideoTracks()),
    };
  }

  set mic(on) {
    this.#on.mic = on;
    this.#enableTracks();
  }

  set camera(on) {
    this.#on.camera = on;
    this.#enableTracks();
  }

  /** Let sound begin, at a gesture of the user. */
  wake() {
    this.#microphone.wake();
  }

  /** Stop taking; the stream stays its owner's. */
  stop() {
    this.#stream = undefined;
    this.#microphone.stop();
    this.#camera.stop();
  }

  #enableTracks() {
    for (const track of this.#stream?.getAudioTracks() ?? []) track.enabled = this.#on.mic;
    for (const track of this.#stream?.getVideoTracks() ?? []) track.enabled = this.#on.camera;
  }

  async #look() {
    if (!this.mediaState.cameraEnabled || !this.#camera.ready) return;
    if (!this.gate.passes(performance.now()) || !this.#outlet.takesImage()) return;
    const jpeg = await this.#camera.take();
    // It may have been switched off while the picture was made.
    if (this.mediaState.cameraEnabled) this.#outlet.image(jpeg);
  }
}

const isLive = ([track] = []) => track?.readyState === "live";
