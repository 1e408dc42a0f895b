import { takeFragment } from "../page/address.js";

const KEY = "hoovik-operator-token";

/** An operator's token: in this tab's own storage, and nowhere else. */
export class Token {
  #value;

  constructor() {
    const given = takeFragment().token;
    this.#value = given ?? sessionStorage.getItem(KEY);
    if (given) sessionStorage.setItem(KEY, given);
  }

  get value() {
    return this.#value;
  }

  keep(value) {
    this.#value = value;
    sessionStorage.setItem(KEY, value);
  }

  forget() {
    this.#value = null;
    sessionStorage.removeItem(KEY);
  }
}
