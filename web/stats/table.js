import { make, write } from "../page/elements.js";

/**
 * A table whose rows come and go and change in place, so that focus and selection stay where they are.
 *
 * On a narrow screen its rows become blocks, which would take the table away from screen readers: so the
 * roles are given in words, too.
 *
 * @typedef {{ name: string, kind?: string, text?: (row, key: string) => string,
 *   fill?: (cell: HTMLElement, row, key: string) => void }} Column its cells' class, and what they say
 */
export class Table {
  #columns;
  #body = make("tbody", { role: "rowgroup" });
  #rows = new Map();
  #nothing;
  #table;

  /**
   * @param {HTMLElement} place
   * @param {string} caption
   * @param {Column[]} columns the first names the row
   * @param {string} nothing what is said instead where there are no rows
   */
  constructor(place, caption, columns, nothing = "") {
    this.#columns = columns;
    const names = columns.map(({ name, kind = "" }) =>
      make("th", { scope: "col", role: "columnheader", class: kind }, name),
    );
    this.#table = make(
      "table",
      { role: "table" },
      make("caption", { class: "spoken" }, caption),
      make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...names)),
      this.#body,
    );
    this.#nothing = make("p", { class: "soft" }, nothing);
    place.append(this.#table, this.#nothing);
  }

  /** @param {[string, any][]} rows by their key, in order */
  show(rows) {
    this.#table.hidden = rows.length === 0;
    this.#nothing.hidden = rows.length > 0;
    const keys = new Set(rows.map(([key]) => key));
    for (const [key, row] of this.#rows) {
      if (!keys.has(key)) row.remove();
    }
    this.#rows = new Map(rows.map(([key, row]) => [key, this.#row(key, row)]));
    // Only what has to move is moved: a row that is taken out and put back loses its focus.
    [...this.#rows.values()].forEach((row, place) => {
      if (this.#body.children[place] !== row) this.#body.insertBefore(row, this.#body.children[place] ?? null);
    });
  }

  #row(key, row) {
    const element = this.#rows.get(key) ?? this.#empty();
    this.#columns.forEach(({ text, fill }, place) => {
      const cell = element.children[place];
      if (text) write(cell, text(row, key));
      else fill(cell, row, key);
    });
    return element;
  }

  #empty() {
    const cells = this.#columns.map(({ name, kind = "" }, place) =>
      place === 0
        ? make("th", { scope: "row", role: "rowheader", class: kind })
        : make("td", { role: "cell", class: kind, "data-label": name }),
    );
    return make("tr", { role: "row" }, ...cells);
  }
}
