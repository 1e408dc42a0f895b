// What the address of a page says: who, where, and the token, which is taken out of it.

/** @returns {{ room?: string, name?: string, token?: string }} of the fragment */
export function takeFragment() {
  const fragment = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  if (fragment.token === undefined) return fragment;
  // A token in the address bar would be shared with every screen and every copied link.
  history.replaceState(null, "", location.pathname + location.search);
  return { ...claims(fragment.token), ...fragment };
}

/** Whom and what a token is for, as it says itself; whether that is true, the service judges. */
export function claims(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const { sub: name, room } = JSON.parse(new TextDecoder().decode(bytes));
    return { name, room };
  } catch {
    return {};
  }
}

/** Room of an observer's page: `/room/<id>`; undefined where the address is none. */
export function roomOfPath() {
  try {
    return decodeURIComponent(location.pathname.replace(/^\/room\//, ""));
  } catch {
    return undefined;
  }
}

/** Address of a room's page for observers. */
export function roomPage(roomId) {
  // Browsers take "." and ".." out of a path, escaped or not.
  if (/^\.{1,2}$/.test(roomId)) return `/room/-#${new URLSearchParams({ room: roomId })}`;
  return `/room/${encodeURIComponent(roomId)}`;
}

/** Address of the page for participants, with the room filled in. */
export const joinPage = (roomId) => `/#${new URLSearchParams({ room: roomId })}`;

/** What the service says of itself. */
export async function serviceConfig() {
  const answer = await fetch("/web/config.json");
  return answer.json();
}
