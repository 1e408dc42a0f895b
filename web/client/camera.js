/** Still pictures of a video track, as JPEG; at most one is being made at a time. */
export class Camera {
  #video = document.createElement("video");
  #canvas = new OffscreenCanvas(1, 1);
  #context = this.#canvas.getContext("2d", { alpha: false });
  #maxWidth;
  #quality;
  #busy = false;
  #watching = null;

  /** @param {{ maxWidth: number, quality: number }} options width in pixels, quality 0 to 1 */
  constructor({ maxWidth, quality }) {
    this.#maxWidth = maxWidth;
    this.#quality = quality;
    this.#video.muted = true;
    this.#video.playsInline = true;
  }

  /** @param {MediaStreamTrack} track @param {() => void} onPresented called at each new picture */
  async start(track, onPresented) {
    this.#video.srcObject = new MediaStream([track]);
    const watch = () => {
      this.#watching = this.#video.requestVideoFrameCallback(watch);
      onPresented();
    };
    if ("requestVideoFrameCallback" in this.#video) watch();
    try {
      await this.#video.play();
    } catch (fault) {
      if (fault.name !== "AbortError") throw fault; // stopped meanwhile
    }
  }

  get ready() {
    return !this.#busy && this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  }

  /** @returns {Promise<Blob>} the picture that is shown now */
  async take() {
    const { videoWidth, videoHeight } = this.#video;
    const scale = Math.min(1, this.#maxWidth / videoWidth);
    this.#canvas.width = Math.round(videoWidth * scale);
    this.#canvas.height = Math.round(videoHeight * scale);
    this.#context.drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
    this.#busy = true;
    try {
      return await this.#canvas.convertToBlob({ type: "image/jpeg", quality: this.#quality });
    } finally {
      this.#busy = false;
    }
  }

  stop() {
    if (this.#watching !== null) this.#video.cancelVideoFrameCallback(this.#watching);
    this.#video.srcObject = null;
  }
}
