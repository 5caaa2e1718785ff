// An article's own page, and asking about it.

import { button, by, element, original, when } from "./dom.js";
import { setArticle } from "./filters.js";
import { failPlace, link, openPlace } from "./places.js";
import { json } from "./service.js";
import { timeOfDay } from "./text.js";

const STATES = { withheld: "This article is withheld: no answer rests on it.", canceled: "This article was withdrawn: no answer rests on it." };

export async function showArticle(id) {
  document.title = "Article · Dateline";
  const box = element("article", { class: "page" }, element("p", { class: "soft" }, "Opening the article …"));
  openPlace(box);
  try {
    const article = await json(`v1/articles/${encodeURIComponent(id)}`);
    if (!box.isConnected) return;
    document.title = `${article.title || article.id} · Dateline`;
    box.replaceChildren(...parts(article));
  } catch (error) {
    const said = element("p", { role: "alert" });
    box.replaceChildren(said, link({ view: "archive" }, {}, "Browse the archive"));
    failPlace(said, error);
  }
}

/** From now on only this article answers, until that is taken back. */
export function askAbout({ id, title }) {
  return button({ class: "ask-about" }, () => {
    setArticle({ id, title });
    by("question").focus();
    by("question").select();
  }, "Ask about this article");
}

function parts(article) {
  const { title, id, text, language, url, status, published_at: published, updated_at: updated, corrected_by: corrections } = article;
  return [
    element("h2", { dir: "auto" }, title || id),
    element("p", { class: "byline" }, ...origin(article), element("br"), when(published), timeOfDay(published),
      ...(updated && updated !== published ? [" · updated ", when(updated)] : []), " ", original(url)),
    status === "usable" ? null : element("p", { class: "caution" }, STATES[status]),
    corrections.length
      ? element("p", { class: "caution" }, "Corrected by ", ...corrections.map((other) => link({ view: "article", id: other }, { dir: "auto" }, other)))
      : null,
    element("p", {}, status === "usable" ? askAbout(article) : null),
    element("div", { class: "text", dir: "auto", lang: language }, text),
  ].filter((part) => part != null);
}

/** Source, authors and section, each leading to its other articles. */
function origin({ source, authors, section }) {
  const names = [["source", source], ...authors.map((author) => ["author", author]), ["section", section]];
  const links = names.filter(([, value]) => value).map(([name, value]) => link({ view: "archive", [name]: value }, { dir: "auto" }, value));
  return links.length ? links.flatMap((one, index) => (index ? [" · ", one] : [one])) : ["unknown source"];
}
