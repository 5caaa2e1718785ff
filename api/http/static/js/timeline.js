// How a figure changed from report to report: a plot and a table.

import { drawn, element, when } from "./dom.js";
import { reference } from "./reader.js";
import { dayInWords, instant } from "./text.js";

export function timeline(answer) {
  const entries = answer.timeline;
  if (!entries.length) return [];
  const sources = new Map(answer.citations.map((cited) => [cited.n, cited]));
  const isAnswer = (entry) => sources.get(entry.citation)?.answer_start != null;
  const rows = entries.map((entry) => {
    const cited = sources.get(entry.citation);
    return element("tr", { class: isAnswer(entry) ? "current" : null },
      element("td", {}, when(entry.published_at)), element("td", { class: "figure" }, entry.text),
      element("td", {}, cited?.source || "unknown source", " ", reference(entry.citation)));
  });
  const heads = ["Date", "Figure", "Source"].map((text) => element("th", { scope: "col" }, text));
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows));
  return [element("section", { class: "timeline" },
    element("h2", {}, "How the figure changed"), ...plotOf(entries, isAnswer), table)];
}

/** The plot in a box that draws it anew for its width; none unless values are numbers of one unit, of several times. */
function plotOf(entries, isAnswer) {
  const points = entries.map((entry) => ({
    text: entry.text, day: dayInWords(entry.published_at), current: isAnswer(entry),
    time: instant(entry.published_at), value: Number(entry.value),
  }));
  const plain = points.every(({ time, value }) => Number.isFinite(time) && Number.isFinite(value));
  const units = new Set(entries.map((entry) => entry.unit)), times = new Set(points.map(({ time }) => time));
  if (!plain || units.size > 1 || times.size < 2) return [];
  const box = element("div", { class: "plot" });
  new ResizeObserver(() => box.replaceChildren(plot(points, Math.max(box.clientWidth, 200)))).observe(box);
  return [box];
}

const PLOT = { height: 160, left: 0, right: 0, top: 26, bottom: 58 };

function plot(points, width) {
  const x = scale(points.map(({ time }) => time), PLOT.left + 6, width - PLOT.right - 6);
  const y = scale(points.map(({ value }) => value), PLOT.height - PLOT.bottom, PLOT.top);
  const places = points.map((point, index) =>
    ({ ...point, x: x(point.time), y: y(point.value), fell: point.value < points[index - 1]?.value }));
  const base = PLOT.height - 22;
  const said = points.map(({ text, day }) => `${text} on ${day}`).join(", then ");
  // A figure holds until the next report, so the line goes in steps.
  const line = places.map((place, index) => (index ? `H${place.x}V${place.y}` : `M${place.x} ${place.y}`)).join("");
  const dot = ({ x, y, current }) => drawn("circle", { class: current ? "dot current" : "dot", cx: x, cy: y, r: 4.5 });
  const day = { class: "day", y: PLOT.height - 4 };
  const size = { viewBox: `0 0 ${width} ${PLOT.height}`, width, height: PLOT.height };
  return drawn("svg", { ...size, role: "img", "aria-label": said },
    drawn("path", { class: "axis", d: `M${PLOT.left} ${base}H${width - PLOT.right}` }),
    ...places.map((place) => drawn("path", { class: "axis", d: `M${place.x} ${base}v4` })),
    drawn("path", { class: "line", d: line }),
    ...places.map(dot),
    ...labels(places, width),
    drawn("text", { ...day, x: PLOT.left }, points[0].day),
    drawn("text", { ...day, x: width - PLOT.right, "text-anchor": "end" }, points.at(-1).day));
}

function scale(values, from, to) {
  const low = Math.min(...values), span = Math.max(...values) - low;
  return (value) => Math.round((span ? from + ((value - low) / span) * (to - from) : (from + to) / 2) * 10) / 10;
}

/** Each figure above its dot or below, the answer's first; nowhere if both are taken: the table has them all. */
function labels(places, width) {
  const taken = [];
  for (const place of [...places].sort((one, other) => other.current - one.current)) {
    const wide = place.text.length * 8.5; // about what the letters take
    const left = Math.min(Math.max(place.x - wide / 2, 0), Math.max(width - wide, 0));
    const apart = (other) => left >= other.left + other.wide || other.left >= left + wide;
    const free = beside(place).find((y) => taken.every((other) => Math.abs(other.y - y) >= 16 || apart(other)));
    if (free !== undefined) taken.push({ ...place, left, wide, y: free });
  }
  return taken.map(({ text, current, left, wide, y }) => {
    let [x, anchor] = [left + wide / 2, "middle"];
    if (left === 0) [x, anchor] = [0, "start"];
    else if (left + wide >= width) [x, anchor] = [width, "end"];
    return drawn("text", { class: current ? "current" : null, x, y, "text-anchor": anchor }, text);
  });
}

/** Where a label may go, the better place first: not where the line comes from, not on the axis. */
function beside({ y, fell }) {
  const above = y - 12, below = y + 22;
  return (fell ? [below, above] : [above, below]).filter((height) => height < PLOT.height - 26);
}

