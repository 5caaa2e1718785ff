// The quotes that an answer rests on, and what other reports say instead.

import { byline, element, original, quoted } from "./dom.js";
import { link } from "./places.js";
import { openerOf, reference } from "./reader.js";
import { counted } from "./text.js";

const MOST_NAMED = 3; // other publishers that are named at once; more are folded

export function citation(cited) {
  const number = element("span", { class: "number" }, String(cited.n));
  const opener = openerOf(async () => cited, cited.title || cited.article_id, number);
  opener.id = `citation-${cited.n}`;
  return element("figure", { class: "citation" },
    element("blockquote", { dir: "auto" }, ...quoted(cited)),
    element("figcaption", {}, opener, byline(cited), speaker(cited), original(cited.url), ...copies(cited)));
}

function speaker({ speaker: name }) {
  return name ? element("span", { class: "byline", dir: "auto" }, `quoting ${name}`) : null;
}

/** Who else reports the same: copies are not shown again. */
function copies({ also_reported_by: reports = [] }) {
  if (!reports.length) return [];
  const links = reports.flatMap(({ article_id: id, source }, index) =>
    [index ? ", " : "", link({ view: "article", id }, {}, source || id)]);
  if (reports.length <= MOST_NAMED) {
    return [element("span", { class: "byline", dir: "auto" }, "also reported by ", ...links)];
  }
  return [element("details", { class: "others" },
    element("summary", {}, `also reported by ${reports.length}`),
    element("p", { class: "soft", dir: "auto" }, ...links))];
}

export function disagreements({ disagreements: list, independent_sources: sources }) {
  if (!list.length) return [];
  const items = list.map(({ text, citations }) =>
    element("li", {}, element("span", { dir: "auto" }, text), " ", ...citations.map(reference)));
  const others = list.length > 1 ? "Other reports say:" : "Another report says:";
  const weight = sources > 1 ? `${counted(sources, "source")} say what is answered above. ${others}` : others;
  return [element("section", { class: "disagree" }, element("h2", {}, "Sources disagree"),
    element("p", { class: "soft" }, weight), element("ul", {}, ...items))];
}
