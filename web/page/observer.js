// The page of an observer: everyone in a room, and what was seen of them.

import { HoovikClient } from "../hoovik-client.js";
import { claims, joinPage, roomOfPath, serviceConfig, takeFragment } from "./address.js";
import { Announcer } from "./announcer.js";
import { Group } from "./group.js";
import { download, Journal } from "./journal.js";
import { Person } from "./person.js";
import { capitalised, connection, reason } from "./wording.js";

const REDRAW_MS = 250;
const ANNOUNCE_MS = 15_000;

const at = (id) => document.getElementById(id);

const { token: given, room = roomOfPath() } = takeFragment();
const config = await serviceConfig();
const journal = new Journal(room);
const group = new Group();
const announcer = new Announcer(at("spoken"), ANNOUNCE_MS);
const people = new Map();

at("title").textContent = `Room ${room}`;
document.title = `${room} · Hoovik`;
at("join").href = joinPage(room);
at("join").textContent = "Join this room";
at("untrained").hidden = !config.untrained;
at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  watch(at("form").elements.token.value.trim());
});
at("jsonl").addEventListener("click", () => save("jsonl", "application/jsonl", journal.jsonl()));
at("csv").addEventListener("click", () => save("csv", "text/csv", journal.csv()));
setInterval(draw, REDRAW_MS);
if (config.tokenRequired && !given) ask();
else watch(given);

function ask(words = "") {
  at("state").hidden = true;
  at("watching").hidden = true;
  at("form").hidden = false;
  say(words);
}

async function watch(token) {
  const participantId = token && claims(token).name;
  const client = new HoovikClient({ roomId: room, role: "observer", token, participantId });
  at("form").hidden = true;
  at("watching").hidden = at("state").hidden = false;
  say("");
  client.addEventListener("state", ({ detail }) => showState(detail));
  client.addEventListener("result", ({ detail }) => take(detail));
  client.addEventListener("status", ({ detail }) => (at("untrained").hidden = !detail.untrained));
  await client.connect().catch(() => {});
}

function showState(change) {
  at("state").dataset.state = change.state;
  at("state").textContent = connection(change, "Watching");
  if (change.state !== "closed") return;
  const words = reason(change.code) || capitalised(change.message);
  if (change.code === "UNAUTHORIZED") ask(words);
  else say(words);
}

function say(words) {
  at("notice").textContent = words;
  at("notice").hidden = words === "";
}

function take(detail) {
  const { participantId, result } = detail;
  journal.add(detail);
  if (!people.has(participantId)) {
    const person = new Person(participantId);
    people.set(participantId, person);
    at("people").append(person.element);
  }
  people.get(participantId).take(result, performance.now());
}

function draw() {
  const now = performance.now();
  for (const [participantId, person] of people) {
    if (person.isGone(now)) {
      person.element.remove();
      people.delete(participantId);
    } else person.draw(now, at("state").dataset.state === "joined");
  }
  at("nobody").hidden = people.size > 0;
  at("axis").hidden = people.size === 0;
  const words = group.show([...people.values()], now);
  if (people.size > 0) announcer.say(words);
  if (journal.size > 0) at("kept").textContent = kept();
}

function kept() {
  const dropped = journal.dropped;
  const all = `${journal.size.toLocaleString("en")} results.`;
  return dropped === 0 ? all : `${all} The oldest ${dropped.toLocaleString("en")} had to be dropped.`;
}

function save(extension, type, lines) {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  download(`hoovik-${stamp}.${extension}`, type, lines);
}
