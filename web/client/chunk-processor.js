// Runs on the audio thread: hands on 100 ms of mono sound at a time. It does so without a
// microphone, too, as silence, and in a background tab; that makes it the clock of the capture.

const CHUNK_S = 0.1;

class ChunkProcessor extends AudioWorkletProcessor {
  #chunk = this.#empty();
  #filled = 0;

  #empty() {
    return new Float32Array(Math.round(sampleRate * CHUNK_S));
  }

  process([[samples]], [[silence]]) {
    let rest = samples ?? silence;
    while (rest.length > 0) {
      const taken = rest.subarray(0, this.#chunk.length - this.#filled);
      this.#chunk.set(taken, this.#filled);
      this.#filled += taken.length;
      rest = rest.subarray(taken.length);
      if (this.#filled === this.#chunk.length) this.#handOn();
    }
    return true;
  }

  #handOn() {
    this.port.postMessage(this.#chunk, [this.#chunk.buffer]);
    this.#chunk = this.#empty();
    this.#filled = 0;
  }
}

registerProcessor("chunk-processor", ChunkProcessor);
