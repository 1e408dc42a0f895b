// One message: folded to a line, open with fields, header and examples.

import { element, paragraphs, words } from "./element.js";
import { fieldsOf } from "./fields.js";

export function messageElement(message) {
  const { id, title, summary, description = "", headers, payload, examples } = message;
  const line = element(
    "summary",
    {},
    element("h4", {}, element("code", {}, title)),
    element("span", { class: "soft" }, ...words(summary)),
  );
  const body = element("div", { class: "body" });
  if (description !== "") body.append(...paragraphs(description));
  if (headers !== undefined) body.append(headerTable(headers));
  body.append(fieldList(fieldsOf(payload), summary));
  body.append(...examples.map((example) => exampleElement(example, title)));
  body.append(element("p", { class: "small" }, element("a", { href: `#${id}` }, "Link to ", element("code", {}, title))));
  return element("details", { class: "message", id }, line, body);
}

/** What is above already is not said again. */
function fieldList(fields, above) {
  const told = fields.map((field) => (field.description === above ? { ...field, description: "" } : field));
  return element("dl", { class: "fields" }, ...told.map(fieldElement));
}

function fieldElement({ path, type, required, description, values, limits }) {
  const name = path === "" ? element("i", {}, "payload") : element("code", {}, path);
  const head = element("dt", {}, name, " ", element("span", { class: "type" }, type));
  if (required !== "") head.append(" ", element("span", { class: "required" }, required));
  const told = element("dd");
  if (description !== "") told.append(element("p", {}, ...words(description)));
  if (values.length > 0) told.append(valueList(values));
  if (limits.length > 0) told.append(element("p", { class: "soft small" }, ...words(limits.join("; "))));
  return element("div", {}, head, told);
}

function valueList(values) {
  const items = values.map(({ value, words: meaning }) =>
    element("li", {}, element("code", {}, value), ...(meaning === "" ? [] : [" ", ...words(meaning)])),
  );
  const plain = values.every(({ words: meaning }) => meaning === "");
  return element("ul", { class: plain ? "values" : "meanings" }, ...items);
}

function headerTable({ description, properties }) {
  const titles = ["Bytes", "Content", "Meaning"].map((title) => element("th", { scope: "col" }, title));
  const rows = Object.entries(properties).map(([name, { const: constant, description: meaning, "x-bytes": bytes }]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", class: "number" }, bytes),
      element("td", {}, element("code", {}, constant === undefined ? name : `${name} = ${JSON.stringify(constant)}`)),
      element("td", {}, ...words(meaning)),
    ),
  );
  return element(
    "table",
    {},
    element("caption", {}, description),
    element("thead", {}, element("tr", {}, ...titles)),
    element("tbody", {}, ...rows),
  );
}

/** A binary one has no payload that could be shown; its summary is the header's bytes. */
function exampleElement({ summary, payload }, title) {
  const [caption, text] = payload === undefined ? ["bytes", `${summary} …`] : [summary, JSON.stringify(payload, null, 2)];
  return element(
    "figure",
    {},
    element("figcaption", { class: "soft small" }, `Example: ${caption}`),
    element("pre", { tabindex: "0", role: "group", "aria-label": `Example of ${title}: ${caption}` }, element("code", {}, text)),
  );
}
