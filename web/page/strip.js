// The last minute as a strip: colour and pattern say the emotion, height the confidence; a run that
// is long enough has its name written on it.

import { MINUTE_MS } from "./minute.js";
import { paintOf, theme } from "./paints.js";

const FLAGGED_PX = 3;

/** @param {HTMLCanvasElement} canvas @param {import("./minute.js").Minute} minute */
export function drawStrip(canvas, minute, now) {
  const scale = devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (width === 0) return;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  const x = (ago) => width * (1 - ago / MINUTE_MS);
  for (const run of runs(minute.steps(now))) {
    context.fillStyle = run.emotion === "flagged" ? theme().flagged : paintOf(context, run.emotion);
    for (const { from, to, result } of run.steps) {
      const tall = run.emotion === "flagged" ? FLAGGED_PX : height * (0.2 + 0.8 * result.confidence);
      // A hair wider, so that neighbours leave no seam.
      context.fillRect(x(from), height - tall, x(to) - x(from) + 0.5, tall);
    }
    label(context, run, x(run.steps[0].from), x(run.steps.at(-1).to), height);
  }
}

function runs(steps) {
  const found = [];
  for (const step of steps) {
    const emotion = step.result.anomaly ? "flagged" : step.result.emotion;
    const last = found.at(-1);
    if (last?.emotion === emotion && last.steps.at(-1).to === step.from) last.steps.push(step);
    else found.push({ emotion, steps: [step] });
  }
  return found;
}

function label(context, { emotion }, left, right, height) {
  if (emotion === "flagged") return;
  const { text, halo, font } = theme();
  context.font = font;
  const width = context.measureText(emotion).width;
  if (width + 12 > right - left) return;
  // On a plate of its own: patterns would run through the letters.
  context.fillStyle = halo;
  context.fillRect(left + 4, height - 18, width + 6, 15);
  context.fillStyle = text;
  context.fillText(emotion, left + 7, height - 6.5);
}
