// The little markup that descriptions have: code between backticks, and paragraphs.

import { make } from "../page/elements.js";

/** A line of text in which what stands between backticks is code. */
export function words(text) {
  return text.split("`").map((part, index) => (index % 2 === 0 ? part : make("code", {}, part)));
}

/** One paragraph for each that the text has. */
export function paragraphs(text) {
  return text.split("\n\n").map((part) => make("p", {}, ...words(part)));
}
