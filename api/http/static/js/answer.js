// An answer, or why there is none.

import { WIDE, button, by, element, status, when } from "./dom.js";
import { actions } from "./actions.js";
import { explained, explainedRejection } from "./confidence.js";
import { clearFilters, isFiltered } from "./filters.js";
import { nearestPassages } from "./passages.js";
import { citation, disagreements } from "./quotes.js";
import { closeReader, open } from "./reader.js";
import { json } from "./service.js";
import { timeline } from "./timeline.js";
import { counted, dayInWords, duration, sentence } from "./text.js";
import { showStatement, wordsOf } from "./words.js";

export function clearResults() {
  closeReader();
  for (const id of ["answer", "sources-of-answer", "found"]) by(id).replaceChildren();
}

/** The question above its answer. Between others it is shown; alone it is in the field above. */
export function showQuestion(text, isAlone) {
  by("answer").append(element("h2", { class: isAlone ? "asked unseen" : "asked", dir: "auto" }, text));
}

export function showToken(text) {
  status("Writing …");
  showStatement(text);
}

/**
 * `waited`: milliseconds since the question was sent, null for an answer that was given before.
 * `asking`: how to ask `again`, and how to ask for a rejected answer `anyway`.
 */
export async function showAnswer(answer, waited, asking) {
  by("answer").querySelector(".lead")?.remove();
  if (answer.status === "answered") showAnswered(answer, waited, asking);
  else await showNotFound(answer, waited, asking);
}

function showAnswered(answer, waited, { again }) {
  by("answer").append(...understood(answer), ...wordsOf(answer), explained(answer.confidence),
    about(answer, waited, again), ...cautions(answer), ...currency(answer));
  const [first, ...others] = answer.citations;
  by("sources-of-answer").append(
    ...(first ? [citation(first)] : []),
    actions(answer),
    ...disagreements(answer),
    ...timeline(answer),
    ...(others.length ? [element("h2", {}, "Also quoted"), ...others.map(citation)] : []),
  );
  if (first && WIDE.matches) open(by(`citation-${first.n}`), true);
}

/** The question that was really asked, where the conversation completed it. */
function understood({ question }) {
  const asked = by("answer").querySelector(".asked")?.textContent;
  return !asked || asked === question ? [] : [element("p", { class: "soft understood", dir: "auto" }, `Asked as: ${question}`)];
}

function about(answer, waited, again) {
  const short = answer.short_answer;
  const parts = [];
  if (short?.kind === "date" && dayInWords(short.value) !== short.text) parts.push(dayInWords(short.value));
  if (answer.independent_sources > 1) parts.push(`${answer.independent_sources} independent sources`);
  if (answer.as_of) parts.push(`as of ${dayInWords(answer.as_of)}`);
  return element("p", { class: "soft" }, [...parts, ""].join(" · "), ...took("answered", answer, waited, again));
}

/** How long it took; of an answer that was given before, a way to ask again. */
function took(done, answer, waited, again) {
  if (waited != null) return [`${done} in ${duration(waited, answer.timings_ms.total)}`];
  return [`${done} before `, button({ class: "quiet" }, again, "Ask again")];
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

/** Of an answer that was given before: whether it still holds. */
function currency({ currency: state }) {
  if (!state || state.state === "current") return [];
  const since = state.since ? [" since ", when(state.since)] : [];
  const words = state.state === "withdrawn" ? ["A report that it rests on may not be used any more", ...since]
    : ["What it rests on has changed", ...since];
  return [element("p", { class: "caution" }, ...words, ".")];
}

// ---- Not found, and the empty archive ----

async function showNotFound(answer, waited, { again, anyway }) {
  const asked = by("answer").firstChild; // gone once something else is shown
  const empty = !answer.hits?.length && (await isEmpty());
  if (asked && !asked.isConnected) return;
  if (empty) {
    showFirstSteps();
    return;
  }
  const unfiltered = () => { clearFilters(); again(); };
  by("answer").append(
    ...understood(answer),
    element("p", { class: "lead" }, "Not found"),
    element("p", {}, sentence(answer.reason ?? "The archive does not say")),
    ...candidate(answer.candidate, anyway),
    ...holdings(answer.coverage),
    element("p", { class: "soft" }, ...took("Searched", answer, waited, again)),
    ...(isFiltered() ? [button({}, unfiltered, "Ask without filters")] : []),
  );
  by("sources-of-answer").append(actions(answer), ...nearestPassages());
}

/** How much the archive holds, so that "not found" can be weighed. */
function holdings(coverage) {
  if (!coverage) return [];
  const { articles, newest_published_at: newest } = coverage;
  const recent = newest ? `, the newest of ${dayInWords(newest)}` : "";
  return [element("p", { class: "soft" }, `The archive holds ${counted(articles, "article")}${recent}.`)];
}

/** The best answer that was rejected, marked as what it is; `show` asks for it with its quotes. */
function candidate(rejected, show) {
  if (!rejected) return [];
  const words = element("p", { class: "candidate" }, "Not sure: ", element("span", { dir: "auto" }, rejected.text), " ",
    button({ class: "quiet" }, show, "Show its quote"));
  return [words, explainedRejection(rejected.confidence)];
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
