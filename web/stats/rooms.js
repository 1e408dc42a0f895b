import { roomPage } from "../page/address.js";
import { at, make, write } from "../page/elements.js";
import { count, percent, rate, sum } from "./figures.js";
import { Table } from "./table.js";

const SHOWN = 20;

/** The fullest rooms, each with a way to look into it. */
export class Rooms {
  #table = new Table(
    at("rooms"),
    "The fullest rooms",
    [
      { name: "Room", fill: link },
      { name: "Participants", text: ({ participants }) => count(participants), kind: "number" },
      { name: "Results/s", text: (room) => rate(room.results_per_s), kind: "number" },
      { name: "CPU", text: ({ cpu }) => percent(cpu), kind: "number" },
      { name: "Results", text: ({ results }) => count(results), kind: "number" },
      { name: "Dropped", text: ({ drops }) => count(sum(drops)), kind: "number" },
      { name: "Restarts", text: ({ restarts }) => count(restarts), kind: "number" },
    ],
    "No room is open.",
  );

  show({ rooms, open_rooms: open }) {
    const shown = open.slice(0, SHOWN);
    this.#table.show(shown.map((room) => [room.room, room]));
    write(at("rooms-shown"), rooms > shown.length ? `The fullest ${shown.length} of ${count(rooms)}.` : "");
  }
}

function link(cell, _, room) {
  if (!cell.firstChild) cell.append(make("a", { href: roomPage(room) }));
  write(cell.firstChild, room);
}
