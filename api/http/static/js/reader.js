// The article beside an answer, its quote marked.

import { WIDE, button, by, element, marked, original, quoted, when } from "./dom.js";
import { askAbout } from "./article.js";
import { link } from "./places.js";
import { json } from "./service.js";
import { slice, timeOfDay } from "./text.js";

const reader = by("reader");

/**
 * For each opener a function that gives what it opens: `{article_id, version, quote, start, end}`,
 * of a citation also the answer's place; `kind` is how the quote is marked.
 */
const places = new WeakMap();
let opened = null; // the opener whose article is shown

/** A button that opens an article at a place, and closes it again. */
export function openerOf(place, label, ...before) {
  const toggle = () => (opener === opened ? closeReader() : open(opener));
  const attributes = { class: "opener", "aria-expanded": "false", "aria-controls": "reader" };
  const opener = button(attributes, toggle, ...before, element("span", { dir: "auto" }, label));
  places.set(opener, place);
  return opener;
}

/** Show the article of an opener. Quietly: the page does not scroll to it. */
export async function open(opener, quietly = false) {
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

export function closeReader() {
  opened?.setAttribute("aria-expanded", "false");
  opened = null;
  reader.hidden = true;
  placeReader();
}

/** Beside the answer, or on a narrow screen right under what was opened. */
export function placeReader() {
  const home = opened && !WIDE.matches ? opened.closest(".citation, .passage, .hit") : by("columns");
  if (reader.parentElement !== home) home.append(reader);
}

/** A small button that leads to a quote. */
export function reference(n) {
  return button({ class: "reference", "aria-label": `Quote ${n}` }, () => goTo(n), String(n));
}

export function goTo(n) {
  const opener = by(`citation-${n}`);
  if (!opener) return;
  opener.focus();
  if (opener !== opened) open(opener);
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
  const { title, id, published_at: published, url, text, language } = article;
  const exact = slice(text, place.start, place.end) === place.quote;
  const inside = (quote) => (place.answer_start == null ? [quote] : quoted(place));
  const kind = { class: place.kind ?? "quote" };
  // It scrolls, so it takes the focus: arrow keys must be able to move it.
  const scrolling = { tabindex: "0", role: "region", "aria-label": "Text of the article" };
  return [
    closer(),
    element("h2", { dir: "auto" }, title || id),
    element("p", { class: "byline" }, origin(article), element("br"), when(published), timeOfDay(published),
      ...updated(article), " ", original(url)),
    exact ? null : element("p", { class: "caution" }, "The quote is not in this text."),
    element("p", { class: "doings" }, askAbout(article), link({ view: "article", id }, {}, "Its own page")),
    element("div", { class: "text", dir: "auto", lang: language, ...scrolling },
      ...(exact ? marked(text, place.start, place.end, kind, inside) : [text])),
  ].filter((part) => part != null);
}

function origin({ source, authors }) {
  return [source || "unknown source", ...(authors.length ? [authors.join(", ")] : [])].join(" · ");
}

function updated({ updated_at: time, published_at: published }) {
  return time && time !== published ? [" · updated ", when(time)] : [];
}

/** Bring the quote into view: inside the article's own box, and on a narrow screen on the page. */
function reveal(quietly) {
  const box = reader.querySelector(".text"), quote = reader.querySelector("mark");
  if (!quote) return;
  box.scrollTop = quote.offsetTop - (box.clientHeight - Math.min(quote.offsetHeight, box.clientHeight)) / 2;
  if (!quietly && !WIDE.matches) quote.scrollIntoView({ block: "center" });
}
