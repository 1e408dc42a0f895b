// Fills of the canvases, in the colours of palette.css and with patterns like its own.

const TILE = 8;
const NAMES = { "neutral/calm": "--neutral" };

let current = null;
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (current = null));

/** Colours of the theme that is on. */
export function theme() {
  current ??= read();
  return current;
}

/** @returns {CanvasPattern} what an emotion is filled with */
export function paintOf(context, emotion) {
  const { paints, colour, onFill } = theme();
  if (!paints.has(emotion)) {
    const tile = tileOf(emotion, colour(NAMES[emotion] ?? `--${emotion}`), onFill);
    paints.set(emotion, context.createPattern(tile, "repeat"));
  }
  return paints.get(emotion);
}

function read() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const family = getComputedStyle(document.body).fontFamily;
  return {
    paints: new Map(),
    colour,
    onFill: colour("--on-fill"),
    flagged: colour("--flagged"),
    text: colour("--text"),
    halo: colour("--card"),
    font: `600 12px ${family}`,
  };
}

function tileOf(emotion, ground, stroke) {
  const tile = new OffscreenCanvas(TILE, TILE);
  const context = tile.getContext("2d");
  context.fillStyle = ground;
  context.fillRect(0, 0, TILE, TILE);
  context.globalAlpha = 0.55;
  context.strokeStyle = context.fillStyle = stroke;
  context.lineWidth = 1.25;
  STROKES[emotion]?.(context);
  return tile;
}

const rising = (context) => lines(context, [-2, 2, 2, -2], [-2, TILE + 2, TILE + 2, -2], [TILE - 2, TILE + 2, TILE + 2, TILE - 2]);
const falling = (context) => lines(context, [-2, TILE - 2, 2, TILE + 2], [-2, -2, TILE + 2, TILE + 2], [TILE - 2, -2, TILE + 2, 2]);

const STROKES = {
  angry: rising,
  fearful: (context) => (rising(context), falling(context)),
  disgust: falling,
  sad: (context) => lines(context, [0, 2, TILE, 2], [0, 6, TILE, 6]),
  "neutral/calm": (context) => [2, 6].forEach((at) => context.fillRect(at - 1, at - 1, 2, 2)),
};

function lines(context, ...ends) {
  context.beginPath();
  for (const [fromX, fromY, toX, toY] of ends) {
    context.moveTo(fromX, fromY);
    context.lineTo(toX, toY);
  }
  context.stroke();
}
