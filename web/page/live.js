// What a participant sees of themselves.

import { roomPage } from "./address.js";
import { Announcer } from "./announcer.js";
import { Bars } from "./bars.js";
import { Minute } from "./minute.js";
import { Rate } from "./rate.js";
import { profileOf, Reader } from "./reading.js";
import { drawStrip } from "./strip.js";
import { ago, connection, PROFILES } from "./wording.js";

const REDRAW_MS = 250;
/** Without a result for so long, what is shown is history. */
const SILENT_MS = 2_000;

const NOTHING_YET = { kind: "none", word: "Nothing yet", confidence: "", note: "" };

const at = (id) => document.getElementById(id);

export class LiveView {
  #client;
  #reader;
  #bars = new Bars(at("bars"));
  #announcer = new Announcer(at("spoken"));
  #minute = new Minute();
  #rate = new Rate();
  #drawing = null;
  #silent = true;

  /** @param client who speaks to the service @param roomId the room */
  open(client, roomId) {
    this.#client = client;
    this.#reader = new Reader();
    this.#minute = new Minute();
    this.#rate = new Rate();
    this.#silent = true;
    at("age").textContent = "none yet";
    at("live-title").textContent = `Room ${roomId}`;
    at("watch").href = roomPage(roomId);
    at("live").hidden = false;
    at("live-title").focus();
    this.#show(NOTHING_YET);
    this.#bars.clear();
    this.#profile("nothing");
    this.#drawing = setInterval(() => this.#draw(), REDRAW_MS);
    client.addEventListener("state", ({ detail }) => this.#connection(detail));
    client.addEventListener("status", ({ detail }) => this.#status(detail));
    client.addEventListener("result", ({ detail }) => this.#result(detail));
  }

  close() {
    clearInterval(this.#drawing);
    at("live").hidden = true;
  }

  /** Say what is wrong, for as long as it is. */
  trouble(words) {
    at("trouble").textContent = words;
    at("trouble").hidden = words === "";
    if (words) this.#announcer.say(words);
  }

  #connection(change) {
    at("state").dataset.state = change.state;
    at("state").textContent = connection(change);
    if (change.state === "joined" && this.#silent) this.#show(NOTHING_YET);
    if (change.state !== "reconnecting") return;
    this.#profile("nothing");
    this.#fallSilent("No connection", "Nothing is sent until it is back.");
    this.#announcer.say("No connection. Trying again.");
  }

  #status({ modalities, untrained }) {
    const profile = profileOf(modalities);
    this.#profile(profile);
    at("untrained").hidden = !untrained;
    if (profile === "nothing") this.#announcer.say("Nothing live");
  }

  #result({ result, clientLatencyMs }) {
    const now = performance.now();
    const words = this.#reader.read(result, now);
    this.#minute.add(result, now);
    this.#show(words);
    this.#profile(result.modality);
    this.#silent = false;
    if (!result.anomaly) this.#bars.show(result.probs);
    if (clientLatencyMs !== null) at("latency").textContent = `${Math.round(clientLatencyMs)} ms`;
    this.#announcer.say(`${words.word}${words.kind === "unsure" ? ", unsure" : ""}, from ${PROFILES[result.modality]}`);
  }

  #show({ kind, word, confidence, note }) {
    at("readout").dataset.kind = kind;
    at("emotion").textContent = word;
    at("confidence").textContent = confidence;
    at("note").textContent = note;
  }

  #profile(profile) {
    at("profile").dataset.profile = profile;
    at("profile").textContent = PROFILES[profile];
  }

  #draw() {
    const now = performance.now();
    const age = this.#minute.age(now);
    if (Number.isFinite(age)) at("age").textContent = ago(age);
    if (age > SILENT_MS && !this.#silent) {
      this.#fallSilent("No result", "Neither a face is seen nor a voice heard.");
    }
    drawStrip(at("strip"), this.#minute, now);
    at("strip").ariaLabel = this.#minute.words(now);
    const { images, skippedImages } = this.#client.counts;
    at("sent-fps").textContent = this.#rate.at(images, now).toFixed(1);
    at("asked-fps").textContent = this.#client.askedFps ?? "–";
    at("skipped").textContent = skippedImages > 0 ? `, ${skippedImages} skipped` : "";
  }

  #fallSilent(word, note) {
    this.#silent = true;
    this.#bars.clear();
    at("latency").textContent = "–";
    this.#show({ kind: "silent", word, confidence: "", note });
  }
}
