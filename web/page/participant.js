// The page of a participant: asks, joins, shows, leaves.

import { HoovikClient } from "../hoovik-client.js";
import { serviceConfig, takeFragment } from "./address.js";
import { closeDevices, missingWords, openDevices } from "./devices.js";
import { describeService, hideEntry, openEntry, showEntry } from "./entry.js";
import { LiveView } from "./live.js";
import { reason } from "./wording.js";

const mic = document.getElementById("mic");
const camera = document.getElementById("camera");
const video = document.getElementById("video");
const view = new LiveView();

const configured = serviceConfig();
let client = null;
let stream = null;

openEntry(takeFragment(), join);
configured.then(describeService, () => showEntry("The service does not answer. Reload the page to try again."));

async function join(who) {
  if (client !== null) return;
  const mine = new HoovikClient(who);
  client = mine;
  const config = await configured;
  mic.disabled = camera.disabled = true;
  hideEntry();
  view.open(mine, who.roomId);
  mine.addEventListener("state", ({ detail }) => detail.state === "closed" && left(detail));
  mine.addEventListener("fault", ({ detail }) => {
    if (detail.code === "CONSENT_REQUIRED") view.trouble(reason(detail.code));
  });
  // Both at once: a room may need a moment to come up, and so may a person who is asked.
  mine.connect().catch(() => {});
  const devices = await openDevices();
  if (client !== mine) closeDevices(devices.stream);
  else await capture(devices);
}

async function capture({ stream: found, missing }) {
  stream = found;
  view.trouble(missingWords(missing));
  if (stream === null) {
    leave(`${missingWords(missing)} Allow or connect one of them, and join again.`);
    return;
  }
  const has = { mic: stream.getAudioTracks().length > 0, camera: stream.getVideoTracks().length > 0 };
  press(mic, true, has.mic);
  press(camera, true, has.camera);
  video.srcObject = stream;
  for (const track of stream.getTracks()) {
    track.onended = () => lost(track.kind === "audio" ? mic : camera, track.kind);
  }
  await client.startCapture(stream);
}

function lost(button, kind) {
  press(button, false, false);
  view.trouble(kind === "audio" ? "The microphone was lost." : "The camera was lost.");
}

/** Show a button's state; `there` tells whether there is anything to switch. */
function press(button, on, there) {
  button.dataset.on = on && there;
  button.disabled = !there;
  const [no, off, turn] = button === mic ? ["No microphone", "Mute", "Unmute"] : ["No camera", "Camera off", "Camera on"];
  button.textContent = there ? (on ? off : turn) : no;
  if (button !== camera) return;
  const dark = document.getElementById("picture-off");
  dark.hidden = on && there;
  dark.textContent = there ? "Camera off" : "No camera";
}

mic.addEventListener("click", () => {
  press(mic, mic.dataset.on !== "true", true);
  client.setMic(mic.dataset.on === "true");
});

camera.addEventListener("click", () => {
  press(camera, camera.dataset.on !== "true", true);
  client.setCamera(camera.dataset.on === "true");
});

document.getElementById("leave").addEventListener("click", () => leave());

let parting = "";

function leave(words = "") {
  parting = words;
  client.close();
}

/** The client is closed: by the button, or by the service, which said why. */
function left({ code, message }) {
  client = null;
  closeDevices(stream);
  stream = null;
  video.srcObject = null;
  view.close();
  showEntry(parting || (code ? reason(code) || message : ""));
  parting = "";
}
