// The passages behind an answer, grouped by article.

import { by, byline, element, original, status } from "./dom.js";
import { suggestSources } from "./filters.js";
import { openerOf } from "./reader.js";
import { json } from "./service.js";
import { counted } from "./text.js";

/** Show what was found, folded, while the answer is written. */
export function showHits(hits) {
  if (!hits.length) return;
  suggestSources(hits.map(({ article }) => article.source).filter(Boolean));
  const articles = byArticle(hits);
  status(`Reading ${counted(hits.length, "passage")} of ${counted(articles.length, "article")} …`);
  by("found").replaceChildren(
    element("details", {},
      element("summary", {}, `${counted(hits.length, "passage")} found`),
      element("ol", { class: "hits" }, ...articles.map(articleOf))),
  );
}

/** Where nothing else answers, the passages are the answer: unfolded and with their whole text. */
export function unfoldHits() {
  const fold = by("found").querySelector("details");
  if (!fold) return;
  fold.open = true;
  fold.classList.add("whole");
  fold.querySelector("summary").textContent = "Nearest passages";
}

/** The hits of each article together, in the order of its best. */
function byArticle(hits) {
  const groups = new Map();
  for (const hit of hits) groups.set(hit.article.id, [...(groups.get(hit.article.id) ?? []), hit]);
  return [...groups.values()];
}

function articleOf([best, ...others]) {
  const { article } = best;
  const opener = openerOf(placeOf(best), article.title || article.id);
  const more = others.length
    ? [element("details", { class: "more" },
        element("summary", {}, counted(others.length, "more passage")),
        ...others.map((hit) => element("div", { class: "passage" },
          excerpt(hit), openerOf(placeOf(hit), "Show in the article"))))]
    : [];
  return element("li", { class: "hit" }, opener, byline(article), original(article.url), excerpt(best), ...more);
}

function excerpt({ passage }) {
  return element("p", { class: "excerpt", dir: "auto" }, passage.text);
}

function placeOf({ passage }) {
  return async () => ({ ...(await json(`v1/passages/${passage.id}`)), quote: passage.text, kind: "passage" });
}
