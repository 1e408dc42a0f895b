// Messages of the plain WebSocket, as in docs/protocol.md: JSON text for events, and for media
// binary behind eight bytes.

const IMAGE = 1;
const FLOAT32_PCM = 2;

export const packEvent = (event, data = null) => JSON.stringify({ event, data });

/** @param {Blob} jpeg @returns {Blob} */
export const packImage = (jpeg) => new Blob([header(IMAGE, 0), jpeg]);

/** @param {Float32Array} samples mono @param {number} sampleRate in Hz @returns {Uint8Array} */
export function packSound(samples, sampleRate) {
  const start = header(FLOAT32_PCM, sampleRate);
  const message = new Uint8Array(start.length + samples.byteLength);
  message.set(start);
  message.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), start.length);
  return message;
}

function header(kind, sampleRate) {
  const bytes = new Uint8Array([0x48, 0x56, kind, 0, 0, 0, 0, 0]);
  new DataView(bytes.buffer).setUint32(4, sampleRate, true);
  return bytes;
}
