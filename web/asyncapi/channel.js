// One channel: where it is, and its operations with their messages.

import { element, paragraphs, words } from "./element.js";
import { messageElement } from "./message.js";

export function channelElement({ id, title, address, description, operations }) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return element(
    "section",
    { class: "channel", "aria-labelledby": id },
    element("h2", { id, tabindex: "-1" }, title),
    element("p", { class: "address" }, element("code", {}, `${scheme}://${location.host}${address}`)),
    ...paragraphs(description),
    ...operations.map(operationElement),
  );
}

function operationElement({ id, title, summary, fromClient, asksToken, messages, replies }) {
  const direction = fromClient ? "client to service" : "service to client";
  const notes = element("p", { class: "soft" }, ...words(summary));
  if (asksToken) notes.append(" Where the service asks for one, with a ", element("a", { href: "#token" }, "token"), ".");
  if (replies.length > 0) notes.append(" Answered by ", ...listed(replies.map(linkTo)), ".");
  return element(
    "div",
    { class: "operation" },
    element(
      "div",
      { class: "operation-head" },
      element("h3", { id, tabindex: "-1" }, title),
      element("span", { class: "direction", "data-from": fromClient ? "client" : "service" }, direction),
    ),
    notes,
    ...messages.map(messageElement),
  );
}

const linkTo = ({ id, name }) => element("a", { href: `#${id}` }, element("code", {}, name));

const listed = (parts) => parts.flatMap((part, index) => (index === 0 ? [part] : [" or ", part]));
