// One channel: where it is, and its operations with their messages.

import { make } from "../page/elements.js";
import { messageElement } from "./message.js";
import { paragraphs, words } from "./text.js";

export function channelElement({ id, title, address, description, operations }) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return make(
    "section",
    { class: "channel", "aria-labelledby": id },
    make("h2", { id, tabindex: "-1" }, title),
    make("p", { class: "address" }, make("code", {}, `${scheme}://${location.host}${address}`)),
    ...paragraphs(description),
    ...operations.map(operationElement),
  );
}

function operationElement({ id, title, summary, fromClient, asksToken, messages, replies }) {
  const direction = fromClient ? "client to service" : "service to client";
  const notes = make("p", { class: "soft" }, ...words(summary));
  if (asksToken) notes.append(" Where the service asks for one, with a ", make("a", { href: "#token" }, "token"), ".");
  if (replies.length > 0) notes.append(" Answered by ", ...listed(replies.map(linkTo)), ".");
  return make(
    "div",
    { class: "operation" },
    make(
      "div",
      { class: "operation-head" },
      make("h3", { id, tabindex: "-1" }, title),
      make("span", { class: "direction", "data-from": fromClient ? "client" : "service" }, direction),
    ),
    notes,
    ...messages.map(messageElement),
  );
}

const linkTo = ({ id, name }) => make("a", { href: `#${id}` }, make("code", {}, name));

const listed = (parts) => parts.flatMap((part, index) => (index === 0 ? [part] : [" or ", part]));
