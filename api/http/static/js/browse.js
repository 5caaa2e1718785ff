// The archive, to browse and to search: its months, its names, its articles.

import { WIDE, button, by, byline, element } from "./dom.js";
import { FIELDS, chosenNames, filterQuery, isPeriod, setPeriod, toggleName } from "./filters.js";
import { showArticle } from "./article.js";
import { histogram } from "./histogram.js";
import { articleLink, failPlace, openPlace, viewed } from "./places.js";
import { json } from "./service.js";
import { counted } from "./text.js";

const PAGE = 20, NAMES = 8;
let current = null; // the view under way; what comes for an older one is dropped

/** Show the place that the address names. Returns false where it names none. */
export function showPlace() {
  const view = viewed(), query = new URLSearchParams(location.search);
  current = null;
  if (view === "article") showArticle(query.get("id") ?? "");
  else if (view === "archive") showArchive(query.get("words") ?? "");
  return view === "article" || view === "archive";
}

/** The filters have changed: the archive is shown under the new ones. Returns false elsewhere. */
export function refilterPlace() {
  if (viewed() !== "archive") return viewed() === "article";
  const query = new URLSearchParams([["view", "archive"], ...filterQuery()]);
  const words = by("words")?.value.trim();
  if (words) query.set("words", words);
  if (`?${query}` === location.search) return true;
  history.pushState(null, "", `?${query}`);
  fill(words ?? "");
  return true;
}

function showArchive(words) {
  document.title = "Archive · Dateline";
  const field = element("input", { id: "words", type: "search", placeholder: "Words in title or text", autocomplete: "off" });
  field.value = words;
  const search = element("form", { id: "search", role: "search", "aria-label": "The archive" },
    element("label", { class: "unseen", for: "words" }, "Words to search for"), field, element("button", {}, "Search"));
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    refilterPlace();
  });
  openPlace(element("h2", {}, "The archive"), search,
    element("p", { id: "held", class: "soft", role: "status" }),
    element("div", { id: "months" }),
    element("details", { id: "facets", ...(WIDE.matches && { open: "" }) },
      element("summary", {}, "By source, author, section"), element("div", {})), element("ol", { id: "listed" }), element("div", { id: "rest" }));
  fill(words);
}

/** Fill the view: what was there stays until the new is read. */
async function fill(words) {
  const mine = (current = {});
  const query = (without = []) => {
    const asked = new URLSearchParams([...filterQuery()].filter(([name]) => !without.includes(name)));
    if (words) asked.set("q", words);
    return asked;
  };
  const counts = (by, limit, without) => json(`v1/counts?by=${by}&limit=${limit}&${query(without)}`);
  const list = json(`v1/articles?order=newest&limit=${PAGE}&${query()}`);
  const months = counts("month", 1000, ["published_from", "published_to"]);
  const names = Object.keys(FIELDS);
  const facets = names.map((name) => counts(name, NAMES, [name]));
  try {
    const [page, byMonth, total, ...byName] = await Promise.all([list, months, counts("language", 1), ...facets]);
    if (mine !== current) return;
    by("held").textContent = total.articles ? counted(total.articles, "article")
      : "No article matches. Try fewer words or filters.";
    const bars = histogram(byMonth.counts, (bar) => setPeriod(isPeriod(bar) ? {} : bar), isPeriod);
    by("months").replaceChildren(...(bars ? [bars] : []));
    const shown = names.flatMap((name, index) => facet(name, byName[index]));
    by("facets").lastChild.replaceChildren(...shown);
    by("facets").hidden = !shown.length;
    by("listed").replaceChildren(...page.articles.map(listed));
    showRest(page, query(), mine);
  } catch (error) {
    if (mine !== current) return;
    failPlace(by("held"), error);
    for (const id of ["months", "listed", "rest"]) by(id).replaceChildren();
    by("facets").hidden = true;
  }
}

function facet(name, { counts }) {
  const chosen = chosenNames(name);
  const missing = chosen.filter((value) => !counts.some((one) => one.value === value));
  const values = [...missing.map((value) => ({ value })), ...counts.filter(({ value }) => value)];
  if (values.length < 2 && !chosen.length) return [];
  return [element("section", { class: "facet-of", "aria-label": FIELDS[name] },
    element("h3", {}, FIELDS[name]),
    element("ul", { class: "facet" }, ...values.map(({ value, articles }) => element("li", {},
      button({ class: "chip", "aria-pressed": String(chosen.includes(value)) }, () => toggleName(name, value),
        element("span", { dir: "auto" }, value),
        articles ? element("span", { class: "soft" }, ` ${articles.toLocaleString("en")}`) : null)))))];
}

function listed(article) {
  const { section, authors } = article;
  const more = [authors.join(", "), section].filter(Boolean).map((text) => ` · ${text}`).join("");
  return element("li", { class: "hit" }, articleLink(article), byline(article),
    element("span", { class: "byline", dir: "auto" }, more));
}

function showRest({ next_cursor: cursor }, query, mine) {
  const more = button({}, async () => {
    more.disabled = true;
    try {
      const page = await json(`v1/articles?order=newest&limit=${PAGE}&cursor=${cursor}&${query}`);
      if (mine !== current) return;
      const items = page.articles.map(listed);
      by("listed").append(...items);
      items[0]?.querySelector("a").focus();
      showRest(page, query, mine);
    } catch (error) {
      more.disabled = false;
      more.after(element("p", { class: "failure", role: "alert" }, error.message));
    }
  }, "Show more");
  by("rest").replaceChildren(...(cursor ? [more] : []));
}
