// The passages behind an answer, grouped by article, with the question's words marked.

import { by, byline, element, original, status } from "./dom.js";
import { articleLink } from "./places.js";
import { openerOf } from "./reader.js";
import { json } from "./service.js";
import { counted } from "./text.js";

const COMMON = new Set(`about after and any are been before but can did does for from had has have her his how into its
  may more most much not our out over said say says she than that the their them there these they this was were what when
  where which who whom whose why will with would you your many many happened`.split(/\s+/));

/** Show what was found, folded, while the answer is written. */
export function showHits(hits) {
  if (!hits.length) return;
  const articles = byArticle(hits), words = wordsOf(by("question").value);
  status(`Reading ${counted(hits.length, "passage")} of ${counted(articles.length, "article")} …`);
  by("found").replaceChildren(
    element("details", {},
      element("summary", {}, `${counted(hits.length, "passage")} found`),
      element("ol", { class: "hits" }, ...articles.map((found) => articleOf(found, words)))),
  );
}

/**
 * Where nothing else answers, the passages are the answer: unfolded and with their whole text. They leave the place
 * where they were folded, so that nothing on the screen is pushed down. Returns them, if there are any.
 */
export function nearestPassages() {
  const fold = by("found").firstElementChild;
  if (!fold) return [];
  fold.open = true;
  fold.classList.add("whole");
  fold.querySelector("summary").textContent = "Nearest passages";
  fold.remove();
  return [fold];
}

/** The hits of each article together, in the order of its best. */
function byArticle(hits) {
  const groups = new Map();
  for (const hit of hits) groups.set(hit.article.id, [...(groups.get(hit.article.id) ?? []), hit]);
  return [...groups.values()];
}

function articleOf([best, ...others], words) {
  const { article, also_reported_by: copies = [] } = best;
  const opener = openerOf(placeOf(best), article.title || article.id);
  const more = others.length
    ? [element("details", { class: "more" },
        element("summary", {}, counted(others.length, "more passage")),
        ...others.map((hit) => element("div", { class: "passage" },
          excerpt(hit, words), openerOf(placeOf(hit), "Show in the article"))))]
    : [];
  return element("li", { class: "hit" }, opener, byline(article), original(article.url), excerpt(best, words), ...more,
    ...copiesOf(copies));
}

/** Copies of one story are one hit; who else carries it is folded away. */
function copiesOf(copies) {
  if (!copies.length) return [];
  return [element("details", { class: "more" },
    element("summary", {}, `Also reported by ${copies.length}`),
    element("ul", {}, ...copies.map((copy) =>
      element("li", {}, articleLink({ ...copy, title: copy.source ?? copy.article_id })))))];
}

/** A passage: the sentence with most of the question's words, the others hidden while it is folded. */
function excerpt({ passage }, words) {
  const sentences = sentencesOf(passage.text);
  const scores = sentences.map((text) => new Set([...matches(text, words)].map(([, root]) => root)).size);
  const best = scores.indexOf(Math.max(...scores));
  const part = (texts) => element("span", { class: "around" }, ...texts.flatMap((text) => withMarks(text, words)));
  return element("p", { class: "excerpt", dir: "auto" },
    ...(best ? [part(sentences.slice(0, best))] : []),
    ...withMarks(sentences[best], words),
    ...(best < sentences.length - 1 ? [part(sentences.slice(best + 1))] : []));
}

function sentencesOf(text) {
  if (!Intl.Segmenter) return [text];
  const found = [...new Intl.Segmenter("en", { granularity: "sentence" }).segment(text)].map(({ segment }) => segment);
  return found.length ? found : [text];
}

/** The roots of the question's own words: "pledged" and "pledges" are one. */
function wordsOf(question) {
  const words = question.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [];
  return new Set(words.filter((word) => !COMMON.has(word)).map(rootOf));
}

function rootOf(word) {
  return word.length > 5 ? word.replace(/(?:ing|ed|es|s|e)$/, "") : word.replace(/s$/, "");
}

function* matches(text, words) {
  for (const match of text.matchAll(/[\p{L}\p{N}]{3,}/gu)) {
    const root = rootOf(match[0].toLowerCase());
    if (words.has(root)) yield [match, root];
  }
}

function withMarks(text, words) {
  const parts = [];
  let end = 0;
  for (const [match] of matches(text, words)) {
    parts.push(text.slice(end, match.index), element("mark", { class: "word" }, match[0]));
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
}

function placeOf({ passage }) {
  return async () => ({ ...(await json(`v1/passages/${passage.id}`)), quote: passage.text, kind: "passage" });
}
