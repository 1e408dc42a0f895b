"use strict";
/* Draws the charts in the reader's colours, keeps their clocks together, and follows links. */
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const narrow = matchMedia("(max-width: 36rem)");
  const touch = matchMedia("(pointer: coarse)");
  const AROUND_MS = 12000;
  const PRINT_PX = 690; // width of A4 within the margins of style.css
  const LEGEND_PX = 44; // of the rows that a legend needs more on a narrow page
  const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif";
  const CONFIG = { displayModeBar: false, responsive: true, doubleClick: false, scrollZoom: false, showTips: false };
  const charts = Object.entries(data.charts)
    .map(([id, figure]) => ({ place: document.getElementById(id), figure, timed: figure.layout.xaxis.type === "date" }));
  const timed = charts.filter((chart) => chart.timed);
  const [START, END] = timed.length ? timed[0].figure.layout.xaxis.range : [0, 1];
  const SHORTEST = Math.min(2000, END - START);
  let shown = [START, END];
  let moment = null;
  let printing = false;

  function see(colour, opacity) {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    return `rgba(${r},${g},${b},${opacity})`;
  }

  const looks = {
    line: (c) => ({ line: { color: see(c, 0.8) } }),
    pale: (c) => ({ line: { color: c }, fillcolor: see(c, 0.25) }),
    strong: (c) => ({ line: { color: c }, fillcolor: see(c, 0.9) }),
    hatched: (c) => ({ line: { color: c }, fillpattern: { fgcolor: c, bgcolor: see(c, 0.12) } }),
    veil: (c, theme) => ({ line: { color: c }, fillpattern: { fgcolor: see(c, 0.8), bgcolor: see(theme.ground, 0.6) } }),
    unseen: () => ({ marker: { opacity: 0, size: 1 } }),
    marker: (c) => ({ marker: { color: c } }),
    bar: (c, theme) => ({
      marker: { color: c, line: { color: theme.ground, width: 1 }, pattern: { fgcolor: see(theme.ground, 0.45), fillmode: "overlay" } },
      insidetextfont: { color: c === theme.paints.nothing ? theme.text : theme.on_fill, size: 12 },
    }),
  };

  function merged(base, over) {
    const whole = { ...base };
    for (const [key, value] of Object.entries(over)) {
      const plain = value && typeof value === "object" && !Array.isArray(value);
      whole[key] = plain ? merged(base[key] || {}, value) : value;
    }
    return whole;
  }

  function axes(layout, theme) {
    const own = {};
    for (const key of Object.keys(layout)) {
      if (/^[xy]axis\d*$/.test(key)) {
        own[key] = { gridcolor: theme.grid, zerolinecolor: theme.grid, linecolor: theme.grid, tickfont: { color: theme.text, size: 12 } };
      }
    }
    return own;
  }

  function laidOut(chart, theme) {
    const layout = merged(chart.figure.layout, {
      ...axes(chart.figure.layout, theme),
      paper_bgcolor: theme.ground,
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: FONT, size: 12, color: theme.text },
      hoverlabel: { bgcolor: theme.ground, bordercolor: theme.soft, font: { color: theme.text } },
      dragmode: chart.timed && !touch.matches ? "zoom" : false,
      autosize: true,
    });
    layout.annotations = (layout.annotations || []).map((note) => ({
      ...note, font: { color: note.name === "soft" ? theme.soft : theme.text, size: 13 },
    }));
    layout.shapes = (layout.shapes || []).map((shape) => ({ ...shape, fillcolor: theme.outside }));
    if (!chart.timed && narrow.matches && !printing) {
      layout.margin = { ...layout.margin, t: layout.margin.t + LEGEND_PX };
      layout.height += LEGEND_PX;
    }
    if (printing) layout.width = PRINT_PX;
    if (chart.timed) {
      layout.xaxis.range = shown.slice();
      if (moment !== null && !printing) {
        layout.shapes.push({ type: "line", xref: "x", yref: "paper", x0: moment, x1: moment, y0: 0, y1: 1, line: { color: theme.text, width: 1.5, dash: "dot" } });
      }
    }
    return layout;
  }

  function draw() {
    const theme = data.themes[dark.matches && !printing ? "dark" : "light"];
    for (const chart of charts) {
      const traces = chart.figure.data.map((trace) =>
        merged(trace, looks[trace.meta.role](theme.paints[trace.meta.paint], theme)));
      Plotly.react(chart.place, traces, laidOut(chart, theme), CONFIG);
    }
  }

  function words(ms) {
    const s = Math.round(ms / 1000);
    const pair = (n) => String(n).padStart(2, "0");
    const minutes = Math.floor(s / 60) % 60;
    return s >= 3600 ? `${Math.floor(s / 3600)}:${pair(minutes)}:${pair(s % 60)}` : `${minutes}:${pair(s % 60)}`;
  }

  function tell() {
    document.getElementById("shown").textContent = `${words(shown[0] - START)} – ${words(shown[1] - START)}`;
  }

  function show(from, to) {
    const width = Math.min(Math.max(to - from, SHORTEST), END - START);
    const middle = (from + to) / 2;
    const start = Math.min(Math.max(middle - width / 2, START), END - width);
    shown = [start, start + width];
    for (const chart of timed) Plotly.relayout(chart.place, { "xaxis.range": shown.slice() });
    tell();
  }

  const moves = {
    earlier: (a, b) => [a - (b - a) / 2, b - (b - a) / 2],
    later: (a, b) => [a + (b - a) / 2, b + (b - a) / 2],
    in: (a, b) => [a + (b - a) / 4, b - (b - a) / 4],
    out: (a, b) => [a - (b - a) / 2, b + (b - a) / 2],
    whole: () => [START, END],
  };
  const keys = { ArrowLeft: "earlier", ArrowRight: "later", "+": "in", "=": "in", "-": "out", 0: "whole", Home: "whole" };

  function move(name) {
    if (name === "whole" && moment !== null) { moment = null; draw(); }
    show(...moves[name](...shown));
  }

  function ms(value) {
    return typeof value === "number" ? value : Date.parse(`${String(value).replace(" ", "T")}Z`);
  }

  function follow(event, link) {
    event.preventDefault();
    const place = document.getElementById(link.hash.slice(1));
    moment = data.zero_ms + Number(link.dataset.time) * 1000;
    draw();
    show(moment - AROUND_MS, moment + AROUND_MS);
    place.closest("figure").scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "start" });
    place.focus({ preventScroll: true });
  }

  draw();
  tell();
  for (const { place } of timed) {
    place.on("plotly_relayout", (change) => {
      const from = ms(change["xaxis.range[0]"]);
      const to = ms(change["xaxis.range[1]"]);
      if (Number.isFinite(from) && Number.isFinite(to)) show(from, to);
    });
    place.on("plotly_doubleclick", () => move("whole"));
    place.addEventListener("keydown", (event) => {
      const name = keys[event.key];
      if (name && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); move(name); }
    });
  }
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => move(button.dataset.zoom));
  }
  for (const link of document.querySelectorAll("a[data-time]")) {
    link.addEventListener("click", (event) => follow(event, link));
  }
  for (const one of [dark, narrow]) one.addEventListener("change", draw);

  let opened = [];
  addEventListener("beforeprint", () => {
    printing = true;
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const one of opened) one.open = true;
    draw();
  });
  addEventListener("afterprint", () => {
    printing = false;
    for (const one of opened) one.open = false;
    draw();
  });
})();
