// The page of the sockets' protocol: AsyncAPI's document, laid out.

import { at, make } from "../page/elements.js";
import { channelElement } from "./channel.js";
import { AsyncApi } from "./document.js";
import { Filter } from "./filter.js";
import { paragraphs } from "./text.js";

try {
  const reply = await fetch("/asyncapi.json");
  if (!reply.ok) throw new Error(`the service answered ${reply.status}`);
  show(new AsyncApi(await reply.json()));
} catch (fault) {
  at("notice").textContent = `The description did not come: ${fault.message}. Load this page again.`;
  at("notice").hidden = false;
}

function show(api) {
  const { channels, info } = api;
  at("lead").append(...paragraphs(info.description));
  at("contents").append(
    ...[...channels, { id: "token", title: "Tokens" }].map(({ id, title }) =>
      make("li", {}, make("a", { href: `#${id}` }, title)),
    ),
  );
  at("channels").append(...channels.map(channelElement));
  at("token-words").append(...paragraphs(api.token));
  at("version").textContent = api.version;
  at("reference").hidden = false;

  const messages = [...document.querySelectorAll("details.message")];
  const filter = new Filter(messages);
  const narrow = () => (at("found").textContent = filter.apply(at("filter").value));
  at("filter").addEventListener("input", narrow);
  at("open-all").addEventListener("click", () => {
    const open = at("open-all").getAttribute("aria-pressed") === "false";
    at("open-all").setAttribute("aria-pressed", open);
    for (const message of messages) message.open = open;
  });
  // A link to a message is one to its content, whatever the filter hides.
  const follow = () => {
    const target = at(decodeURIComponent(location.hash.slice(1)));
    if (target === null) return;
    if (target.hidden) at("filter").value = "";
    narrow();
    if (target.matches("details")) target.open = true;
    target.scrollIntoView();
    (target.querySelector("summary, h2") ?? target).focus({ preventScroll: true });
  };
  narrow();
  addEventListener("hashchange", follow);
  follow();
}
