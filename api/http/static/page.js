// The page's behaviour. Whatever comes out of the archive goes into the page as text nodes, never as HTML.

const KEY = "dateline-key"; // where this tab keeps an API key
const WIDE = matchMedia("(min-width: 62rem)"); // as in page.css: the article stands beside the answer
const LONGEST_BIG = 60; // characters of an answer that is still set in large type

const by = (id) => document.getElementById(id);
const form = by("ask"), question = by("question"), reader = by("reader");

// ---- Offsets, events, words: pure functions ----

/** Where a count of Unicode code points ends in a JavaScript string, which counts UTF-16 units. */
export function codeUnits(text, codePoints) {
  let units = 0;
  for (let left = codePoints; left > 0 && units < text.length; left -= 1) {
    units += text.codePointAt(units) > 0xffff ? 2 : 1;
  }
  return units;
}

/** `text[start:end]` as Python cuts it. */
export function slice(text, start, end) {
  return text.slice(codeUnits(text, start), codeUnits(text, end));
}

/** The server-sent events of a byte stream as `{name, data}`, however its chunks are cut. */
export async function* serverSentEvents(stream) {
  let name = "message", data = [];
  for await (const line of linesOf(stream)) {
    if (line === "") {
      if (data.length) yield { name, data: data.join("\n") };
      name = "message";
      data = [];
      continue;
    }
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line); // a comment is a line without a field's name
    if (field === "event") name = value ?? "";
    if (field === "data") data.push(value ?? "");
  }
}

async function* linesOf(stream) {
  const source = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await source.read();
    rest += value ?? "";
    const lines = rest.split(done ? /\r\n|\r|\n/ : /\r\n|\r(?!$)|\n/); // a last "\r" may be half of a "\r\n"
    rest = lines.pop();
    yield* lines;
    if (done) return;
  }
}

/** As a sentence: a capital first, a full stop last. */
export function sentence(text) {
  const trimmed = text.trim();
  return trimmed && trimmed[0].toUpperCase() + trimmed.slice(1) + (/[.!?…]$/.test(trimmed) ? "" : ".");
}

/** A `Retry-After` header in words: it holds seconds, or the time at which to come back. */
export function wait(header, now = Date.now()) {
  if (!header) return "";
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1000);
  if (Number.isNaN(seconds)) return "";
  if (seconds <= 0) return "Try again now.";
  return `Try again in ${seconds < 120 ? counted(seconds, "second") : counted(Math.ceil(seconds / 60), "minute")}.`;
}

function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** The day of an ISO 8601 time, as it was where the report appeared; anything else as it is. */
export function dayInWords(iso) {
  const day = /^\d{4}-\d{2}-\d{2}/.exec(iso ?? "")?.[0];
  const moment = Date.parse(day);
  if (Number.isNaN(moment)) return iso || "undated";
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(moment);
}

function timeOfDay(iso) {
  const [, time, zone] = /T(\d{2}:\d{2})(?::[\d.]+)?(Z|[+-]\d{2}:\d{2})?$/.exec(iso ?? "") ?? [];
  if (!time) return "";
  return `, ${time} UTC${!zone || zone === "Z" || zone === "+00:00" ? "" : zone.replace("-", "−")}`;
}

/** Milliseconds since 1970; a time without a zone is UTC, as for the service. */
function instant(iso) {
  return Date.parse(/T[^Z+-]*$/.test(iso) ? `${iso}Z` : iso);
}

// ---- Small pieces of the page ----

function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

/** An attribute that is null or undefined is left out; so is such a child. Strings become text. */
function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) if (value != null) node.setAttribute(name, value);
  node.append(...children.filter((child) => child != null));
  return node;
}

function button(attributes, onclick, ...children) {
  const made = element("button", { type: "button", ...attributes }, ...children);
  made.addEventListener("click", onclick);
  return made;
}

function byline({ source, published_at: published }) {
  return element("span", { class: "byline" }, source || "unknown source", " · ", when(published));
}

function when(iso) {
  return iso ? element("time", { datetime: iso, title: iso }, dayInWords(iso)) : "undated";
}

/** A link to where a report stands, where that is an address on the web; "javascript:" is none. */
function original(url) {
  if (!URL.canParse(url ?? "") || !/^https?:$/.test(new URL(url).protocol)) return null;
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer", class: "original" }, "original ↗");
}

/** Text with one part of it marked; offsets are code points. */
function marked(text, start, end, attributes, inside = (part) => [part]) {
  const [from, to] = [codeUnits(text, start), codeUnits(text, end)];
  return [text.slice(0, from), element("mark", attributes, ...inside(text.slice(from, to))), text.slice(to)];
}

/** The quote's text, the answer in it emphasised where it is known where that stands. */
function quoted(citation) {
  const { quote, start, answer_start: from, answer_end: to } = citation;
  return from == null ? [quote] : marked(quote, from - start, to - start, { class: "said" });
}

function status(text) {
  by("status").textContent = text;
}

// ---- Talking to the service ----

class Problem extends Error {
  constructor(message, code) {
    super(message);
    this.code = code; // of HTTP; 0 where there was no answer
  }
}

function storedKey() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // a browser that keeps nothing: then there is no key
  }
}

async function request(path, options = {}) {
  const key = storedKey();
  const headers = { ...options.headers, ...(key && { Authorization: `Bearer ${key}` }) };
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    throw error.name === "AbortError" ? error : new Problem("The service cannot be reached. Is it running?", 0);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** What a problem document (RFC 9457) says, or whatever stands in for one on the way. */
async function problemOf(response) {
  const said = await response.json().catch(() => ({}));
  const detail = sentence(String(said.detail || said.title || `The service answered with status ${response.status}`));
  const again = /try again in/i.test(detail) ? "" : wait(response.headers.get("Retry-After"));
  return new Problem(`${detail} ${again}`.trim(), response.status);
}

async function json(path) {
  return (await request(path)).json();
}

/** The events of an answer: `[name, content]`. Ends after the answer; an error event is thrown. */
async function* answerEvents(body, signal) {
  const headers = { "Content-Type": "application/json", Accept: "text/event-stream" };
  const response = await request("v1/ask", { method: "POST", headers, body: JSON.stringify(body), signal });
  try {
    for await (const { name, data } of serverSentEvents(response.body)) {
      const content = JSON.parse(data);
      if (name === "error") throw new Problem(sentence(content.detail || content.title), content.status);
      yield [name, content];
      if (name === "answer") return;
    }
  } catch (error) {
    if (error instanceof TypeError) throw new Problem("The connection was lost before the answer was complete.", 0);
    throw error;
  }
  throw new Problem("The answer broke off before it was complete.", 0);
}

// ---- Asking ----

let running = null; // the AbortController of the answer under way

async function ask() {
  running?.abort();
  const mine = (running = new AbortController());
  clearResults();
  busy(true);
  status("Searching …");
  document.title = `${question.value.trim()} · Dateline`;
  let hits = [];
  try {
    for await (const [name, content] of answerEvents(asked(), mine.signal)) {
      if (mine !== running) return;
      if (name === "hits") showHits((hits = content), false);
      if (name === "token") showToken(content.text);
      if (name === "answer") await showAnswer(content, hits);
    }
    if (mine === running) status("");
  } catch (error) {
    if (mine === running) showFailure(error);
  } finally {
    if (mine === running) busy(false);
  }
}

/** Stop the answer under way, and say so. */
function stop() {
  running?.abort();
}

/** Stop it without a word: something else comes in its place. */
function cancel() {
  stop();
  busy(false);
}

function busy(is) {
  if (!is) running = null;
  form.classList.toggle("busy", is);
  by("go").hidden = is;
  by("stop").hidden = !is;
}

function clearResults() {
  closeReader();
  for (const id of ["answer", "sources-of-answer", "found"]) by(id).replaceChildren();
  by("unlock").hidden = true;
}

function showFailure(error) {
  status("");
  if (error.name === "AbortError") {
    status(by("answer").textContent ? "Stopped. This is not the whole answer." : "Stopped.");
  } else if (error.code === 401) {
    askForKey(error);
  } else {
    const message = error instanceof Problem ? error.message : `This page failed: ${error.message}`;
    by("answer").append(
      element("div", { class: "failure", role: "alert" }, element("p", {}, message), button({}, ask, "Ask again")),
    );
  }
}

// ---- The answer ----

function showToken(text) {
  status("Writing …");
  const lead = by("answer").querySelector(".lead") ?? element("p", { class: "lead", dir: "auto" });
  if (!lead.isConnected) by("answer").append(lead);
  lead.append(text);
  lead.classList.toggle("long", lead.textContent.length > LONGEST_BIG);
}

async function showAnswer(answer, hits) {
  if (answer.status === "answered") showAnswered(answer);
  else await showNotFound(answer, hits);
  showHits(hits, answer.status !== "answered");
}

function showAnswered(answer) {
  showWords(answer);
  by("answer").append(element("p", { class: "soft" }, aboutAnswer(answer)), ...cautions(answer));
  const [first, ...others] = answer.citations;
  by("sources-of-answer").append(
    ...(first ? [citation(first)] : []),
    ...disagreements(answer),
    ...timeline(answer),
    ...(others.length ? [element("h2", {}, "Also quoted"), ...others.map(citation)] : []),
  );
  if (first && WIDE.matches) open(by(`citation-${first.n}`), true);
}

/** The short answer in large type, then the whole one where it says more. What was streamed stays as it is. */
function showWords({ short_answer: short, answer }) {
  const big = short?.kind === "boolean" ? sentence(short.text).slice(0, -1) : (short?.text ?? answer);
  const same = (text) => text.trim().replace(/\.$/, "").toLowerCase();
  if (by("answer").querySelector(".lead")?.textContent === big) return;
  by("answer").replaceChildren();
  showToken(big);
  if (same(big) !== same(answer)) by("answer").append(element("p", { class: "written", dir: "auto" }, answer));
}

function aboutAnswer(answer) {
  const short = answer.short_answer;
  const day = short?.kind === "date" && dayInWords(short.value) !== short.text ? `${dayInWords(short.value)} · ` : "";
  const until = answer.as_of ? ` · as of ${dayInWords(answer.as_of)}` : "";
  const seconds = (answer.timings_ms.total / 1000).toFixed(1);
  return `${day}Confidence ${answer.confidence.toFixed(2)}${until} · answered in ${seconds} s`;
}

/** What a reader must know before relying on it: figures that no quote states. */
function cautions({ short_answer: short, figures }) {
  const said = figures.flatMap(({ text, status: standing }) => {
    if (standing === "unsupported") return [`“${text}” stands in no quote. Do not rely on it.`];
    return standing === "derived" ? [`“${text}” is worked out from the quotes; none of them states it.`] : [];
  });
  if (short?.kind === "boolean") said.push("The yes or no is worked out from the quote below.");
  return [...new Set(said)].map((text) => element("p", { class: "caution" }, text));
}

function citation(cited) {
  const title = cited.title || cited.article_id;
  const opener = openerOf(async () => cited, title, element("span", { class: "number" }, String(cited.n)));
  opener.id = `citation-${cited.n}`;
  return element("figure", { class: "citation" },
    element("blockquote", { dir: "auto" }, ...quoted(cited)),
    element("figcaption", {}, opener, byline(cited), original(cited.url)));
}

/** A small button that leads to a quote. */
function reference(n) {
  return button({ class: "reference", "aria-label": `Quote ${n}` }, () => goTo(n), String(n));
}

function goTo(n) {
  const opener = by(`citation-${n}`);
  if (!opener) return;
  opener.focus();
  if (opener !== opened) open(opener);
}

function disagreements({ disagreements: list }) {
  if (!list.length) return [];
  const items = list.map(({ text, citations }) =>
    element("li", {}, element("span", { dir: "auto" }, text), " ", ...citations.map(reference)));
  const heading = element("h2", {}, "Sources disagree");
  return [element("section", { class: "disagree" }, heading, element("ul", {}, ...items))];
}

// ---- Not found, and the empty archive ----

async function showNotFound(answer, hits) {
  if (!hits.length && (await isEmpty())) {
    showFirstSteps();
    return;
  }
  const without = isFiltered() && button({}, () => { clearFilters(); submit(); }, "Ask without filters");
  by("answer").append(
    element("h2", { class: "lead" }, "Not found"),
    element("p", {}, sentence(answer.reason ?? "The archive does not say")),
    ...(without ? [without] : []),
  );
}

/** Whether there is no article at all. A service that does not tell is taken to be empty if no filter was set. */
async function isEmpty() {
  const { articles } = await json("health/ready").catch(() => ({}));
  return articles === undefined ? !isFiltered() : articles === 0;
}

function showFirstSteps() {
  const example = { id: "bridge-1", title: "Bridge opens", text: "Mayor Ada Lind opened the new Hask bridge on Monday.",
    published_at: "2024-05-06", source: "Coast Daily" };
  by("answer").append(
    element("h2", { class: "lead" }, "The archive is empty"),
    element("p", {}, "Take in some articles, then ask:"),
    element("pre", { tabindex: "0" }, "dateline ingest articles.jsonl"),
    element("p", {}, "Each line of that file is one article. Only its text is required:"),
    element("pre", { tabindex: "0" }, JSON.stringify(example, null, 1).replace(/\n */g, " ")),
    element("p", { class: "soft" }, "A folder of .jsonl, .txt, .md or .html files does as well."),
  );
}

async function showIdle() {
  clearResults();
  status("");
  document.title = "Dateline";
  const { articles } = await json("health/ready").catch(() => ({}));
  if (running || question.value.trim()) return; // meanwhile something was asked
  if (articles === 0) showFirstSteps();
  else by("answer").replaceChildren(element("p", { class: "soft intro" },
    "Ask who, when, where or how much. What the archive does not say is answered with “not found”.",
    articles ? ` It holds ${counted(articles, "article")}.` : ""));
}

// ---- The passages behind an answer ----

function showHits(hits, unfolded) {
  if (!hits.length) return;
  if (by("found").childElementCount === 0) {
    for (const { article } of hits) if (article.source) seen.add(article.source);
    suggestSources();
    const articles = new Set(hits.map((hit) => hit.article.id)).size;
    status(`Reading ${counted(hits.length, "passage")} of ${counted(articles, "article")} …`);
    by("found").append(element("details", {}, element("summary"), element("ol", { class: "hits" }, ...hits.map(hit))));
  }
  const fold = by("found").firstElementChild;
  fold.firstElementChild.textContent = unfolded ? "Nearest passages" : `${counted(hits.length, "passage")} found`;
  if (unfolded) fold.open = true;
}

function hit({ article, passage }) {
  const place = async () => ({ ...(await json(`v1/passages/${passage.id}`)), quote: passage.text, kind: "passage" });
  const opener = openerOf(place, article.title || article.id);
  return element("li", { class: "hit" }, opener, byline(article), original(article.url),
    element("p", { class: "excerpt", dir: "auto" }, passage.text));
}

// ---- The article, its quote marked ----

/**
 * For each opener, what it opens: `{article_id, version, quote, start, end}`, of a citation also where the answer
 * stands; `kind` is how the quote is marked.
 */
const places = new WeakMap();
let opened = null; // the opener whose article is shown

/** A button with an article's title that opens it at a place, and closes it again. */
function openerOf(place, title, ...before) {
  const toggle = () => (opener === opened ? closeReader() : open(opener));
  const attributes = { class: "opener", "aria-expanded": "false", "aria-controls": "reader" };
  const opener = button(attributes, toggle, ...before, element("span", { dir: "auto" }, title));
  places.set(opener, place);
  return opener;
}

/** Show the article of an opener. Quietly: the page stays where it is. */
async function open(opener, quietly = false) {
  closeReader();
  opened = opener;
  opener.setAttribute("aria-expanded", "true");
  placeReader();
  reader.hidden = false;
  reader.replaceChildren(element("p", { class: "soft" }, "Opening the article …"));
  try {
    const place = await places.get(opener)();
    const version = new URLSearchParams({ version: place.version });
    const article = await json(`v1/articles/${encodeURIComponent(place.article_id)}?${version}`);
    if (opener !== opened) return;
    reader.replaceChildren(...articleParts(article, place));
    reveal(quietly);
  } catch (error) {
    const failure = element("p", { class: "failure", role: "alert" }, error.message);
    if (opener === opened) reader.replaceChildren(closer(), failure);
  }
}

function closeReader() {
  opened?.setAttribute("aria-expanded", "false");
  opened = null;
  reader.hidden = true;
  placeReader();
}

/** Beside the answer, or on a narrow screen right under what was opened. */
function placeReader() {
  const home = opened && !WIDE.matches ? opened.closest(".citation, .hit") : by("columns");
  if (reader.parentElement !== home) home.append(reader);
}

function closer() {
  const close = () => {
    const back = opened;
    closeReader();
    back?.focus();
  };
  return button({ class: "quiet closer", "aria-label": "Close the article" }, close, "Close");
}

function articleParts(article, place) {
  const { title, id, source, published_at: published, updated_at: updated, authors, url, text, language } = article;
  const exact = slice(text, place.start, place.end) === place.quote;
  const details = [source || "unknown source", ...(authors.length ? [authors.join(", ")] : [])].join(" · ");
  const inside = (quote) => (place.answer_start == null ? [quote] : quoted(place));
  // It scrolls, so it takes the focus: arrow keys must be able to move it.
  const scrolling = { tabindex: "0", role: "region", "aria-label": "Text of the article" };
  return [
    closer(),
    element("h2", { dir: "auto" }, title || id),
    element("p", { class: "byline" }, details, element("br"), when(published), timeOfDay(published),
      ...(updated && updated !== published ? [" · updated ", when(updated)] : []), " ", original(url)),
    exact ? null : element("p", { class: "caution" }, "The quote does not stand in this text."),
    element("div", { class: "text", dir: "auto", lang: language, ...scrolling },
      ...(exact ? marked(text, place.start, place.end, { class: place.kind ?? "quote" }, inside) : [text])),
  ].filter((part) => part != null);
}

/** Bring the quote into view: inside the article's own box, and on a narrow screen on the page. */
function reveal(quietly) {
  const box = reader.querySelector(".text"), quote = reader.querySelector("mark");
  if (!quote) return;
  box.scrollTop = quote.offsetTop - (box.clientHeight - Math.min(quote.offsetHeight, box.clientHeight)) / 2;
  if (!quietly && !WIDE.matches) quote.scrollIntoView({ block: "center" });
}

// ---- The timeline ----

function timeline(answer) {
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
  // A figure stands until the next report, so the line goes in steps.
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

/** Where a label may stand, the better place first: not where the line comes from, not on the axis. */
function beside({ y, fell }) {
  const above = y - 12, below = y + 22;
  return (fell ? [below, above] : [above, below]).filter((height) => height < PLOT.height - 26);
}

// ---- Filters and the address ----

const DATES = ["as_of", "published_from", "published_to"];
const seen = new Set(); // sources of passages found so far: what is suggested
let sources = [];

/** What the form asks for, as the service takes it. */
function asked() {
  const [as_of, published_from, published_to] = DATES.map((id) => by(id).value || null);
  return { question: question.value.trim(), stream: true, as_of, include_undated: by("include_undated").checked,
    filters: { sources, published_from, published_to } };
}

function isFiltered() {
  return sources.length > 0 || DATES.some((id) => by(id).value);
}

/** The form as an address that can be shared, and back again. */
function toAddress() {
  const query = new URLSearchParams({ q: question.value.trim() });
  for (const id of DATES) if (by(id).value) query.set(id, by(id).value);
  for (const source of sources) query.append("source", source);
  if (by("include_undated").checked) query.set("include_undated", "true");
  return `?${query}`;
}

function fromAddress() {
  const query = new URLSearchParams(location.search);
  question.value = query.get("q") ?? "";
  for (const id of DATES) setDate(by(id), query.get(id) ?? "");
  setSources(query.getAll("source"));
  by("include_undated").checked = query.get("include_undated") === "true";
  sayFilters();
}

/** A time of day fits into no date field, but must not be lost: then the field takes text. */
function setDate(field, value) {
  field.type = "date";
  field.value = value;
  if (field.value !== value) {
    field.type = "text";
    field.value = value;
  }
}

function clearFilters() {
  for (const id of DATES) setDate(by(id), "");
  by("include_undated").checked = false;
  setSources([]);
}

function setSources(names) {
  sources = [...new Set(names)];
  by("sources").replaceChildren(...sources.map((name) => element("li", {},
    button({ "aria-label": `Remove source ${name}` }, () => {
      setSources(sources.filter((other) => other !== name));
      by("source").focus();
    }, name, element("span", { "aria-hidden": "true" }, " ×")))));
  sayFilters();
}

/** What was typed as sources; a comma parts names, unless a source that was seen is called so. */
function takeSources() {
  const typed = by("source").value.trim();
  by("source").value = "";
  const names = seen.has(typed) ? [typed] : typed.split(",").map((name) => name.trim()).filter(Boolean);
  if (names.length) setSources([...sources, ...names]);
}

function suggestSources() {
  by("seen").replaceChildren(...[...seen].sort().map((value) => element("option", { value })));
}

function sayFilters() {
  const words = { as_of: "as of", published_from: "from", published_to: "to" };
  const said = DATES.filter((id) => by(id).value).map((id) => `${words[id]} ${dayInWords(by(id).value)}`);
  if (sources.length) said.push(sources.length === 1 ? sources[0] : counted(sources.length, "source"));
  if (by("include_undated").checked) said.push("undated too");
  by("filters-said").classList.toggle("set", said.length > 0);
  by("filters-said").textContent = said.length ? `Filters: ${said.join(", ")}` : "Filters";
}

function submit() {
  takeSources();
  const address = toAddress();
  if (address !== location.search) history.pushState(null, "", address);
  shown = location.search;
  ask();
}

let shown = ""; // the address whose answer is on the page

/** What the address asks: at the start, and after going back or forth. */
function followAddress() {
  shown = location.search;
  fromAddress();
  cancel();
  if (question.value) ask();
  else showIdle();
}

// ---- The key ----

function askForKey(problem) {
  by("refused").textContent = storedKey() ? `The key was refused. ${problem.message}` : "";
  by("unlock").hidden = false;
  by("key").focus();
}

function keepKey(key) {
  try {
    if (key) sessionStorage.setItem(KEY, key);
    else sessionStorage.removeItem(KEY);
  } catch {
    status("This browser keeps no key: allow it to store data for this page.");
  }
  by("key").value = "";
  by("forget").hidden = !storedKey();
}

// ---- Keys and events ----

/** Whether what is typed goes into a field. */
function isTyping(target) {
  return target.matches("input, textarea, select");
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    if (running) stop();
    else if (isTyping(event.target)) event.target.blur();
  } else if (isTyping(event.target)) {
    return;
  } else if (event.key === "/") {
    event.preventDefault();
    question.focus();
    question.select();
  } else if (/^[1-9]$/.test(event.key)) {
    goTo(Number(event.key));
  }
}

function onEnter(field, act) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !field.value.trim()) return;
    event.preventDefault();
    act();
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!question.value.trim()) return;
  by("results").focus({ preventScroll: true }); // so that number keys reach the quotes, and a phone's keyboard goes
  submit();
});
by("unlock").addEventListener("submit", (event) => {
  event.preventDefault();
  keepKey(by("key").value);
  ask();
});
onEnter(question, () => form.requestSubmit());
onEnter(by("source"), takeSources);
by("source").addEventListener("change", takeSources);
by("filters").addEventListener("change", sayFilters);
by("clear").addEventListener("click", clearFilters);
by("stop").addEventListener("click", stop);
by("forget").addEventListener("click", () => {
  keepKey(null);
  status("The key is forgotten.");
});
document.addEventListener("keydown", pressed);
window.addEventListener("popstate", () => location.search !== shown && followAddress());
WIDE.addEventListener("change", placeReader);

by("forget").hidden = !storedKey();
followAddress();
if (!question.value) question.focus();
