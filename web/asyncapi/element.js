// Elements with text, never with markup.

/** @param {string} tag @param {Record<string, string>} attributes @param {(Node | string)[]} children */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A line of text in which what stands between backticks is code. */
export function words(text) {
  return text.split("`").map((part, index) => (index % 2 === 0 ? part : element("code", {}, part)));
}

/** One paragraph for each that the text has. */
export function paragraphs(text) {
  return text.split("\n\n").map((part) => element("p", {}, ...words(part)));
}
