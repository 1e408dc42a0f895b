// One message: folded to a line, open with fields, header and examples.

import { make } from "../page/elements.js";
import { fieldsOf } from "./fields.js";
import { paragraphs, words } from "./text.js";

export function messageElement(message) {
  const { id, title, summary, description = "", headers, payload, examples } = message;
  const line = make(
    "summary",
    {},
    make("h4", {}, make("code", {}, title)),
    make("span", { class: "soft" }, ...words(summary)),
  );
  const body = make("div", { class: "body" });
  if (description !== "") body.append(...paragraphs(description));
  if (headers !== undefined) body.append(headerTable(headers));
  body.append(fieldList(fieldsOf(payload), summary));
  body.append(...examples.map((example) => exampleElement(example, title)));
  body.append(make("p", { class: "small" }, make("a", { href: `#${id}` }, "Link to ", make("code", {}, title))));
  return make("details", { class: "message", id }, line, body);
}

/** What is above already is not said again. */
function fieldList(fields, above) {
  const told = fields.map((field) => (field.description === above ? { ...field, description: "" } : field));
  return make("dl", { class: "fields" }, ...told.map(fieldElement));
}

function fieldElement({ path, type, required, description, values, limits }) {
  const name = path === "" ? make("i", {}, "payload") : make("code", {}, path);
  const head = make("dt", {}, name, " ", make("span", { class: "type" }, type));
  if (required !== "") head.append(" ", make("span", { class: "required" }, required));
  const told = make("dd");
  if (description !== "") told.append(make("p", {}, ...words(description)));
  if (values.length > 0) told.append(valueList(values));
  if (limits.length > 0) told.append(make("p", { class: "soft small" }, ...words(limits.join("; "))));
  return make("div", {}, head, told);
}

function valueList(values) {
  const items = values.map(({ value, words: meaning }) =>
    make("li", {}, make("code", {}, value), ...(meaning === "" ? [] : [" ", ...words(meaning)])),
  );
  const plain = values.every(({ words: meaning }) => meaning === "");
  return make("ul", { class: plain ? "values" : "meanings" }, ...items);
}

function headerTable({ description, properties }) {
  const titles = ["Bytes", "Content", "Meaning"].map((title) => make("th", { scope: "col" }, title));
  const rows = Object.entries(properties).map(([name, { const: constant, description: meaning, "x-bytes": bytes }]) =>
    make(
      "tr",
      {},
      make("th", { scope: "row", class: "number" }, bytes),
      make("td", {}, make("code", {}, constant === undefined ? name : `${name} = ${JSON.stringify(constant)}`)),
      make("td", {}, ...words(meaning)),
    ),
  );
  return make(
    "table",
    {},
    make("caption", {}, description),
    make("thead", {}, make("tr", {}, ...titles)),
    make("tbody", {}, ...rows),
  );
}

/** A binary one has no payload that could be shown; its summary is the header's bytes. */
function exampleElement({ summary, payload }, title) {
  const [caption, text] = payload === undefined ? ["bytes", `${summary} …`] : [summary, JSON.stringify(payload, null, 2)];
  return make(
    "figure",
    {},
    make("figcaption", { class: "soft small" }, `Example: ${caption}`),
    make("pre", { tabindex: "0", role: "group", "aria-label": `Example of ${title}: ${caption}` }, make("code", {}, text)),
  );
}
