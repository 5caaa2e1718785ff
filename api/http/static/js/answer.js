// An answer, or why there is none.

import { WIDE, button, by, byline, element, original, quoted, status, when } from "./dom.js";
import { clearFilters, isFiltered } from "./filters.js";
import { unfoldHits } from "./passages.js";
import { closeReader, open, openerOf, reference } from "./reader.js";
import { json } from "./service.js";
import { timeline } from "./timeline.js";
import { counted, dayInWords, duration, sentence } from "./text.js";

const LONGEST_BIG = 60; // characters of an answer that is still set in large type
const SURE = 0.6; // an answer below is marked: of those, many are wrong
const LIKELY = 0.5;

export function clearResults() {
  closeReader();
  for (const id of ["answer", "sources-of-answer", "found"]) by(id).replaceChildren();
}

export function showToken(text) {
  status("Writing …");
  const lead = by("answer").querySelector(".lead") ?? element("p", { class: "lead", dir: "auto" });
  if (!lead.isConnected) by("answer").append(lead);
  lead.append(text);
  lead.classList.toggle("long", lead.textContent.length > LONGEST_BIG);
}

/** `waited`: milliseconds since the question was sent. `askUnfiltered` asks it again without filters. */
export async function showAnswer(answer, waited, askUnfiltered) {
  if (answer.status === "answered") showAnswered(answer, waited);
  else await showNotFound(answer, waited, askUnfiltered);
}

function showAnswered(answer, waited) {
  showWords(answer);
  by("answer").append(about(answer, waited), ...doubt(answer.confidence), ...cautions(answer));
  const [first, ...others] = answer.citations;
  by("sources-of-answer").append(
    ...(first ? [citation(first)] : []),
    ...disagreements(answer),
    ...timeline(answer),
    ...(others.length ? [element("h2", {}, "Also quoted"), ...others.map(citation)] : []),
  );
  if (first && WIDE.matches) open(by(`citation-${first.n}`), true);
}

/** The answer in the form that the question wants. What was streamed stays. */
function showWords(answer) {
  const lines = isOne(answer) ? [] : linesOf(answer);
  if (lines.length) by("answer").replaceChildren(element("ul", { class: "lead long lines" }, ...lines));
  else showText(answer);
  const word = doubtWord(answer.confidence);
  if (!word) return;
  const lead = by("answer").querySelector(".lead");
  lead.classList.add("unsure");
  lead.before(element("p", { class: "doubt" }, word));
}

/** The short answer in large type, then the whole one where it says more; whole sentences as they are. */
function showText({ form, short_answer: short, answer }) {
  const yesOrNo = short?.kind === "boolean";
  const value = form === "sentences" || form === "brief" ? answer : (short?.text ?? answer);
  const big = yesOrNo ? sentence(short.text).slice(0, -1) : value;
  if (by("answer").querySelector(".lead")?.textContent === big) return;
  const same = (text) => text.trim().replace(/\.$/, "").toLowerCase();
  by("answer").replaceChildren();
  showToken(big);
  if (same(big) !== same(answer)) by("answer").append(element("p", { class: "written", dir: "auto" }, answer));
}

/** Return true for an answer in one piece: neither a list of items nor a brief of reports. */
function isOne({ form, items = [] }) {
  return form !== "brief" && !(form === "list" && items.length > 1);
}

/** A list's items, or a brief's reports each with its day; their quotes behind them. */
function linesOf({ form, items, statements, citations }) {
  const days = new Map(citations.map((cited) => [cited.n, cited.published_at]));
  const line = ({ text, citations: numbers }) => element("li", {},
    ...(form === "brief" ? [element("span", { class: "byline" }, when(days.get(numbers[0]))), " "] : []),
    element("span", { dir: "auto" }, text), " ", ...numbers.map(reference));
  return (form === "brief" ? statements : items).map(line);
}

function doubtWord(confidence) {
  if (confidence >= SURE) return "";
  return confidence >= LIKELY ? "Likely, not sure" : "Not sure";
}

/** What a confidence means, where it is too low to go without saying. */
function doubt(confidence) {
  if (confidence >= SURE) return [];
  return [explanation("check the quote before you rely on it")];
}

function explanation(advice) {
  const text = `Confidence estimates, from 0 to 1, how likely an answer is right. Below ${SURE.toFixed(2)}, ${advice}.`;
  return element("p", { class: "caution" }, text);
}

function about(answer, waited) {
  const short = answer.short_answer;
  const parts = [`Confidence ${answer.confidence.toFixed(2)}`];
  if (short?.kind === "date" && dayInWords(short.value) !== short.text) parts.unshift(dayInWords(short.value));
  if (answer.independent_sources > 1) parts.push(`${answer.independent_sources} independent sources`);
  if (answer.as_of) parts.push(`as of ${dayInWords(answer.as_of)}`);
  parts.push(`answered in ${duration(waited, answer.timings_ms.total)}`);
  return element("p", { class: "soft" }, parts.join(" · "));
}

/** What a reader must know before relying on it: what the reports say of the question, unquoted figures. */
function cautions({ short_answer: short, figures, reason, reason_code: code }) {
  const said = figures.flatMap(({ text, status: support }) => {
    if (support === "unsupported") return [`“${text}” is in no quote. Do not rely on it.`];
    return support === "derived" ? [`“${text}” is worked out from the quotes; none of them states it.`] : [];
  });
  if (code === "reports_say_unknown" || code === "false_premise") said.unshift(sentence(reason));
  if (short?.kind === "boolean") said.push("The yes or no is worked out from the quote below.");
  return [...new Set(said)].map((text) => element("p", { class: "caution" }, text));
}

function citation(cited) {
  const number = element("span", { class: "number" }, String(cited.n));
  const opener = openerOf(async () => cited, cited.title || cited.article_id, number);
  opener.id = `citation-${cited.n}`;
  return element("figure", { class: "citation" },
    element("blockquote", { dir: "auto" }, ...quoted(cited)),
    element("figcaption", {}, opener, byline(cited), ...beside(cited), original(cited.url)));
}

/** Who speaks in a quote, and who else reports it. */
function beside({ speaker, also_reported_by: others = [] }) {
  const names = [...new Set(others.map(({ source, article_id: id }) => source || id))];
  const parts = [...(speaker ? [`quoting ${speaker}`] : []), ...(names.length ? [`also in ${names.join(", ")}`] : [])];
  return parts.map((text) => element("span", { class: "byline", dir: "auto" }, text));
}

function disagreements({ disagreements: list }) {
  if (!list.length) return [];
  const items = list.map(({ text, citations }) =>
    element("li", {}, element("span", { dir: "auto" }, text), " ", ...citations.map(reference)));
  const heading = element("h2", {}, "Sources disagree");
  return [element("section", { class: "disagree" }, heading, element("ul", {}, ...items))];
}

// ---- Not found, and the empty archive ----

async function showNotFound(answer, waited, askUnfiltered) {
  if (!answer.hits?.length && (await isEmpty())) {
    showFirstSteps();
    return;
  }
  const unfiltered = () => { clearFilters(); askUnfiltered(); };
  by("answer").append(
    element("h2", { class: "lead" }, "Not found"),
    element("p", {}, sentence(answer.reason ?? "The archive does not say")),
    ...candidate(answer.candidate),
    ...holdings(answer.coverage),
    element("p", { class: "soft" }, `Searched for ${duration(waited, answer.timings_ms.total)}`),
    ...(isFiltered() ? [button({}, unfiltered, "Ask without filters")] : []),
  );
  unfoldHits();
}

/** How much the archive holds, so that "not found" can be weighed. */
function holdings(coverage) {
  if (!coverage) return [];
  const { articles, newest_published_at: newest } = coverage;
  const recent = newest ? `, the newest of ${dayInWords(newest)}` : "";
  return [element("p", { class: "soft" }, `The archive holds ${counted(articles, "article")}${recent}.`)];
}

/** The best answer that was rejected, marked as what it is. */
function candidate(rejected) {
  if (!rejected) return [];
  const words = element("p", { class: "candidate" },
    "Not sure: ", element("span", { dir: "auto" }, rejected.text),
    element("span", { class: "soft" }, ` · confidence ${rejected.confidence.toFixed(2)}`));
  return [words, explanation("an answer is often wrong; check the passages")];
}

/** Return true if there is no article at all. Without a count: if no filter hides anything. */
async function isEmpty() {
  const { articles } = await json("health/ready").catch(() => ({}));
  return articles === undefined ? !isFiltered() : articles === 0;
}

export function showFirstSteps() {
  const example = {
    id: "bridge-1", title: "Bridge opens", text: "Mayor Ada Lind opened the new Hask bridge on Monday.",
    published_at: "2024-05-06", source: "Coast Daily",
  };
  by("answer").append(
    element("h2", { class: "lead" }, "The archive is empty"),
    element("p", {}, "Add some articles, then ask:"),
    element("pre", { tabindex: "0" }, "dateline ingest articles.jsonl"),
    element("p", {}, "Each line of that file is one article. Only its text is required:"),
    element("pre", { tabindex: "0" }, JSON.stringify(example, null, 1).replace(/\n */g, " ")),
    element("p", { class: "soft" }, "A folder of .jsonl, .txt, .md or .html files works as well."),
  );
}
