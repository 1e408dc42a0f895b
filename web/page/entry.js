// What a person is told and asked before anything is captured.

import { claims } from "./address.js";

const form = document.getElementById("form");
const notice = document.getElementById("notice");
const { participantId, roomId, token, consent } = form.elements;

/** @param {(join: object) => void} onJoin called with who wants to join, once they have agreed */
export function openEntry({ name, room, token: given }, onJoin) {
  fill({ name, room });
  token.value ||= given ?? "";
  token.addEventListener("change", () => fill(claims(token.value.trim())));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const join = {
      participantId: participantId.value.trim(),
      roomId: roomId.value.trim(),
      consent: consent.checked,
      ...(token.value.trim() && { token: token.value.trim() }),
    };
    if (join.participantId === "") participantId.focus();
    else if (join.roomId === "") roomId.focus();
    else onJoin(join);
  });
  document.getElementById("join").disabled = false;
}

/** What somebody has typed stays. */
function fill({ name, room }) {
  participantId.value ||= name ?? "";
  roomId.value ||= room ?? "";
}

/** Say what the service does, in its own figures. */
export function describeService(config) {
  const { targetFps, soundKeptSec, faceKeptSec } = config;
  document.getElementById("terms-fps").textContent = `about ${targetFps}`;
  document.getElementById("terms-host").textContent = location.host;
  document.getElementById("terms-kept").textContent =
    `The last ${soundKeptSec} seconds of sound and ${faceKeptSec} seconds of measurements of your face, and how your voice sounds on average,`;
  document.getElementById("untrained").hidden = !config.untrained;
  document.getElementById("token-field").hidden = !config.tokenRequired;
  token.required = config.tokenRequired;
}

/** Show the form again, saying why, if there is something to say. */
export function showEntry(words = "") {
  document.getElementById("entry").hidden = false;
  consent.checked = false; // it was for that one stay
  notice.textContent = words;
  notice.hidden = words === "";
  document.getElementById("entry-title").focus();
}

export function hideEntry() {
  document.getElementById("entry").hidden = true;
}
