const SAMPLE_RATE = 16_000;

/** Sound in chunks of 100 ms; without a microphone they are silent and still tell the time. */
export class Microphone {
  #context;
  #source;

  /**
   * @param {MediaStream | null} stream with an audio track, where there is one.
   * @param {(samples: Float32Array, sampleRate: number) => void} onChunk
   */
  async start(stream, onChunk) {
    // The browser resamples to the context's rate, band-limited.
    this.#context = new AudioContext({ sampleRate: SAMPLE_RATE });
    if (stream !== null) this.#source = await this.#listen(stream);
    const context = this.#context;
    const code = new URL("chunk-processor.js", import.meta.url);
    await context.audioWorklet.addModule(code).catch((fault) => {
      if (context.state !== "closed") throw fault;
    });
    if (context.state === "closed") return; // stopped meanwhile
    const chunks = new AudioWorkletNode(context, "chunk-processor", {
      channelCount: 1,
      channelCountMode: "explicit",
    });
    chunks.port.onmessage = ({ data }) => onChunk(data, context.sampleRate);
    this.#source?.connect(chunks);
    // Its output is silence, but a node that leads nowhere need not be run.
    chunks.connect(context.destination);
    this.wake();
  }

  /** Browsers start sound only after a gesture of the user; call this at one. */
  wake() {
    if (this.#context?.state === "suspended") this.#context.resume().catch(() => {});
  }

  stop() {
    if (this.#context?.state !== "closed") this.#context?.close();
  }

  async #listen(stream) {
    try {
      return this.#context.createMediaStreamSource(stream);
    } catch (fault) {
      if (fault.name !== "NotSupportedError") throw fault;
      // Firefox takes a microphone at its own rate alone; the service resamples.
      await this.#context.close();
      this.#context = new AudioContext();
      return this.#context.createMediaStreamSource(stream);
    }
  }
}
