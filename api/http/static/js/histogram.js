// How many articles there are by month, or by year where the months are too many to see.

import { button, element } from "./dom.js";
import { counted } from "./text.js";

const MOST_MONTHS = 48;
const MOST_YEARS = 100; // more are between two reports where a date is wrong: then without empty years

/** Bars from `v1/counts?by=month`; `choose` is given the first and the last day of a bar. */
export function histogram(counts, choose, chosen = () => false) {
  const bars = barsOf(counts.filter(({ value }) => value));
  if (bars.length < 2) return null;
  const most = Math.max(...bars.map(({ articles }) => articles));
  const buttons = bars.map((bar) => barOf(bar, most, choose, chosen(bar)));
  const current = buttons.find((one) => one.ariaPressed === "true") ?? buttons.at(-1);
  current.tabIndex = 0;
  const row = element("div", { class: "bars", role: "toolbar", "aria-label": "Articles by time" }, ...buttons);
  row.addEventListener("keydown", (event) => move(event, buttons));
  const box = element("div", { class: "histogram" }, row,
    element("p", { class: "soft ends", "aria-hidden": "true" },
      element("span", {}, bars[0].name), element("span", {}, bars.at(-1).name)));
  box.style.maxWidth = `${Math.min(44, Math.max(18, 4 * bars.length))}rem`;
  return box;
}

function barOf(bar, most, choose, isChosen) {
  const said = `${bar.name}: ${counted(bar.articles, "article")}`;
  const made = button({ class: "bar-of", "aria-label": said, title: said, "aria-pressed": String(isChosen), tabindex: "-1" },
    () => choose(bar), element("span", {}));
  made.firstChild.style.height = `${bar.articles ? Math.max(4, (100 * bar.articles) / most) : 0}%`;
  return made;
}

function move(event, buttons) {
  const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
  if (!step) return;
  event.preventDefault();
  const at = buttons.indexOf(document.activeElement);
  const next = buttons[Math.min(Math.max(at + step, 0), buttons.length - 1)];
  buttons.forEach((one) => { one.tabIndex = one === next ? 0 : -1; });
  next.focus();
}

function barsOf(counts) {
  if (!counts.length) return [];
  const months = new Map(counts.map(({ value, articles }) => [value, articles]));
  const [first, last] = [numberOf(counts[0].value), numberOf(counts.at(-1).value)];
  if (last - first < MOST_MONTHS) {
    return between(first, last).map(monthOf).map((month) => monthBar(month, months.get(month) ?? 0));
  }
  const years = new Map();
  for (const [month, articles] of months) {
    const year = Number(month.slice(0, 4));
    years.set(year, (years.get(year) ?? 0) + articles);
  }
  const [from, to] = [first, last].map((number) => Math.floor(number / 12));
  const all = to - from < MOST_YEARS ? between(from, to) : [...years.keys()];
  return all.map((year) => yearBar(String(year).padStart(4, "0"), years.get(year) ?? 0));
}

/** Months since the year 0. */
function numberOf(month) {
  const [year, ordinal] = month.split("-").map(Number);
  return 12 * year + ordinal - 1;
}

function monthOf(number) {
  return `${String(Math.floor(number / 12)).padStart(4, "0")}-${String((number % 12) + 1).padStart(2, "0")}`;
}

/** All numbers from the first to the last. */
function between(first, last) {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function yearBar(year, articles) {
  return { name: year, articles, from: `${year}-01-01`, to: `${year}-12-31` };
}

function monthBar(month, articles) {
  const start = new Date(`${month}-01T00:00:00Z`);
  const end = new Date(start);
  end.setUTCMonth(end.getUTCMonth() + 1, 0);
  const name = start.toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
  return { name, articles, from: `${month}-01`, to: end.toISOString().slice(0, 10) };
}
