// Words for people, where the protocol has names.

/** In the order of every probability vector. */
export const EMOTIONS = ["angry", "fearful", "disgust", "happy", "sad", "neutral/calm"];

export const PROFILES = {
  both: "voice and face",
  audio_only: "voice alone",
  video_only: "face alone",
  nothing: "nothing live",
};

/** What is wrong with the input of a result, in the order of the protocol. */
export const FAULTS = {
  no_face: "no face is seen",
  small: "the face is small",
  blurred: "the face is blurred",
  turned_away: "the face is turned away",
  dark: "the face is dark",
  frozen: "the picture is frozen",
  too_short: "it has only just begun",
  clipped: "the sound is over-driven",
  noisy: "there is noise",
  music: "there is music",
  unusual_voice: "the voice is like none that the models know",
  unusual_face: "the face is like none that the models know",
  unusual_pair: "voice and face are like none that the models know",
};

/** Reasons of a result as one sentence; of an older service there are none. */
export function faults(reasons = []) {
  const words = reasons.map((reason) => FAULTS[reason] ?? reason).join(", ");
  return words && `${capitalised(words)}.`;
}

const REASONS = {
  AT_CAPACITY: "The room is full.",
  ROOM_UNAVAILABLE: "The room did not come up in time.",
  INTERNAL: "The service failed.",
  REPLACED: "You joined this room under the same name from another tab or device, and that one counts.",
  UNAUTHORIZED: "The token is not good for this name, room and role, or it has expired.",
  BAD_AUTH: "The service did not understand this name or room.",
  REFUSED: "The service takes no connections from this address.",
  CONSENT_REQUIRED: "The service reads only people who have agreed to it.",
};

export const reason = (code) => REASONS[code] ?? "";

export const capitalised = (word) => word[0].toUpperCase() + word.slice(1);

export const percent = (share) => `${Math.round(100 * share)} %`;

/** A span of time, no finer than it can be read. */
export function ago(ms) {
  const seconds = Math.floor(ms / 1000);
  return seconds < 1 ? "under 1 s ago" : `${seconds} s ago`;
}

/** What a connection is at, and why. */
export function connection({ state, code, waitMs }, joined = "Live") {
  if (state === "joined") return joined;
  if (state === "connecting") return "Connecting";
  if (state === "closed") return "Left";
  const seconds = Math.max(1, Math.round(waitMs / 1000));
  return `${reason(code) || "No connection."} Trying again in ${seconds} s`;
}
