const BOTH = { audio: true, video: { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 15 } } };

const CAUSES = {
  NotAllowedError: "the browser does not allow it",
  NotFoundError: "there is none",
  NotReadableError: "another program may be using it",
};

/**
 * Camera and microphone, or the one of them that there is.
 *
 * @returns {Promise<{ stream: MediaStream | null, missing: { name: string, cause: string }[] }>}
 */
export async function openDevices() {
  const both = await attempt(BOTH);
  if (both.stream) return { stream: both.stream, missing: [] };
  const sound = await attempt({ audio: BOTH.audio });
  const picture = await attempt({ video: BOTH.video });
  const found = [sound, picture].filter(({ stream }) => stream);
  const missing = [
    { name: "microphone", ...sound },
    { name: "camera", ...picture },
  ].filter(({ stream }) => !stream);
  const tracks = found.flatMap(({ stream }) => stream.getTracks());
  return { stream: tracks.length > 0 ? new MediaStream(tracks) : null, missing };
}

export function closeDevices(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Why something is missing, in a sentence; empty where nothing is. */
export function missingWords(missing) {
  return missing.map(({ name, cause }) => `No ${name}: ${cause}.`).join(" ");
}

async function attempt(constraints) {
  if (!navigator.mediaDevices) {
    return { stream: null, cause: "browsers give it to pages over https or on localhost alone" };
  }
  try {
    return { stream: await navigator.mediaDevices.getUserMedia(constraints) };
  } catch (fault) {
    return { stream: null, cause: CAUSES[fault.name] ?? fault.message };
  }
}
