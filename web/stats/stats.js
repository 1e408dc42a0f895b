// The page of an operator: asks for the figures, and has every part of the page show them.

import { serviceConfig } from "../page/address.js";
import { at, make, write } from "../page/elements.js";
import { Facts } from "./facts.js";
import { Faults } from "./faults.js";
import { span } from "./figures.js";
import { Head } from "./head.js";
import { History } from "./history.js";
import { Latency } from "./latency.js";
import { Poller } from "./poller.js";
import { Pools } from "./pools.js";
import { Rooms } from "./rooms.js";
import { Token } from "./token.js";
import { warnings } from "./warnings.js";

const STALE_MS = 15_000;

const token = new Token();
const history = new History();
const parts = [new Head(at("tiles")), new Latency(), new Pools(), new Faults(), new Rooms(), new Facts(at("facts"))];
const poller = new Poller({ stats: show, failed: fail, refused: refuse });

/** When there last were figures, in ms of `performance.now()`; and from when on they were missing. */
let shownAt = null;
let missingSince = null;

at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  token.keep(at("form").elements.token.value.trim());
  watch();
  // The field that had the focus is gone.
  at("title").focus();
});
at("forget").addEventListener("click", () => {
  token.forget();
  ask("");
});
// Somebody puts a link with a token into this very tab.
addEventListener("hashchange", () => location.reload());
setInterval(tell, 1_000);
document.addEventListener("visibilitychange", tell);

const config = await serviceConfig().catch(() => ({ tokenRequired: false, untrained: false }));
at("untrained").hidden = !config.untrained;
if (config.tokenRequired && !token.value) ask("");
else watch();

function watch() {
  at("form").hidden = true;
  at("state").hidden = false;
  say("");
  poller.start(token.value);
}

function ask(words) {
  poller.stop();
  shownAt = missingSince = null;
  at("figures").hidden = at("state").hidden = at("forget-line").hidden = true;
  at("form").hidden = false;
  at("form").elements.token.value = "";
  say(words);
  at("form").elements.token.focus();
}

function refuse(words) {
  const hadOne = token.value !== null;
  token.forget();
  ask(hadOne ? `The service refused this token: ${words}.` : "");
}

function show(stats) {
  const now = performance.now();
  shownAt = now;
  missingSince = null;
  history.add(stats, now);
  at("figures").hidden = false;
  at("forget-line").hidden = token.value === null;
  for (const part of parts) part.show(stats, history);
  warn(warnings(stats, history));
  // Names the figures that are shown, for whoever compares them.
  at("figures").dataset.ts = stats.ts;
  delete at("figures").dataset.stale;
  say("");
  tell();
}

function fail(words, waitMs) {
  if (missingSince === null) {
    missingSince = new Date();
    const since = missingSince.toLocaleTimeString();
    const old = shownAt === null ? "" : " The figures below are those of then.";
    say(`No figures since ${since}: ${words}.${old}`);
  }
  at("figures").dataset.stale = "";
  at("state").dataset.state = "reconnecting";
  write(at("state"), `No answer. Next try in ${span(waitMs / 1000)}`);
}

function warn(found) {
  const place = at("warnings");
  const shown = [...place.children].map((line) => line.textContent);
  // Said anew only where something has changed.
  if (shown.join("\n") !== found.join("\n")) place.replaceChildren(...found.map((words) => make("p", {}, words)));
}

function tell() {
  if (shownAt === null || missingSince !== null) return;
  const ageMs = performance.now() - shownAt;
  const late = ageMs > STALE_MS;
  at("state").dataset.state = late ? "reconnecting" : "joined";
  write(at("state"), `${late ? "Late" : "Live"}, figures ${span(ageMs / 1000)} old`);
}

function say(words) {
  write(at("notice"), words);
  at("notice").hidden = words === "";
}
