// Shows the messages that have all the words typed, wherever in them.

export class Filter {
  #messages;

  /** @param {HTMLDetailsElement[]} messages */
  constructor(messages) {
    this.#messages = messages.map((element) => ({
      element,
      line: element.querySelector("summary").textContent.toLowerCase(),
      text: element.textContent.toLowerCase(),
      opened: false, // by the filter, to show what was found inside
    }));
  }

  /** @returns {string} in words, what is left */
  apply(query) {
    const asked = query.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const message of this.#messages) {
      const hit = asked.every((word) => message.text.includes(word));
      const inside = hit && !asked.every((word) => message.line.includes(word));
      message.element.hidden = !hit;
      if (inside !== message.opened) message.element.open = message.opened = inside;
      found += hit;
    }
    const all = this.#messages.length;
    if (asked.length === 0) return `${all} messages`;
    return found === 0 ? "No message has all of these words." : `${found} of ${all} messages`;
  }
}
