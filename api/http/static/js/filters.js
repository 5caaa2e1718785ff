// The filters of questions and of the archive, as a form and as the page's address.

import { button, by, element } from "./dom.js";
import { json } from "./service.js";
import { dayInWords } from "./text.js";

/** What articles are filtered by, with its name on the page; the request's name has an "s" more. */
export const FIELDS = { source: "Sources", author: "Authors", section: "Sections", language: "Languages" };
const DATES = ["as_of", "published_from", "published_to"];
const PAUSE = 500; // milliseconds after a change: a date is typed digit by digit
const question = by("question");
const chosen = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, []]));
const known = {}; // by field, the values that the archive has
let article = null; // the only one that answers: {id, title}
let onchange = () => {};
let timer;

/** The request body for the form's question. */
export function asked() {
  const [as_of, published_from, published_to] = DATES.map((id) => by(id).value || null);
  const names = Object.entries(chosen).map(([name, values]) => [`${name}s`, values]);
  return {
    question: question.value.trim(), stream: true, as_of,
    include_undated: by("include_undated").checked,
    filters: { ...Object.fromEntries(names), article_ids: article ? [article.id] : [], published_from, published_to },
  };
}

export function isFiltered() {
  return article !== null || Object.values(chosen).some((values) => values.length) || DATES.some((id) => by(id).value);
}

export function chosenNames(name) {
  return chosen[name];
}

/** The form's filters as the query of an address. */
export function filterQuery() {
  const query = new URLSearchParams();
  for (const id of DATES) if (by(id).value) query.set(id, by(id).value);
  for (const [name, values] of Object.entries(chosen)) for (const value of values) query.append(name, value);
  if (by("include_undated").checked) query.set("include_undated", "true");
  if (article) query.set("article", article.id);
  return query;
}

export function toAddress() {
  return `?${new URLSearchParams([["q", question.value.trim()], ...filterQuery()])}`;
}

export function fromAddress() {
  const query = new URLSearchParams(location.search);
  question.value = query.get("q") ?? "";
  for (const id of DATES) setDate(by(id), query.get(id) ?? "");
  by("include_undated").checked = query.get("include_undated") === "true";
  for (const name of Object.keys(FIELDS)) chosen[name] = [...new Set(query.getAll(name))];
  const id = query.get("article");
  if (id !== article?.id) article = id ? { id } : null;
  if (article && !article.title) nameArticle(article);
  show();
}

/** A date field cannot hold a time of day, which must not be lost: then the field takes text. */
function setDate(field, value) {
  field.type = "date";
  field.value = value;
  if (field.value !== value) {
    field.type = "text";
    field.value = value;
  }
}

export function clearFilters() {
  for (const id of DATES) setDate(by(id), "");
  by("include_undated").checked = false;
  for (const name of Object.keys(FIELDS)) chosen[name] = [];
  article = null;
  changed();
}

/** Only this article answers from now on; null: any. */
export function setArticle(only) {
  article = only;
  changed();
}

async function nameArticle(only) {
  const found = await json(`v1/articles/${encodeURIComponent(only.id)}`).catch(() => null);
  only.title = found?.title || only.id;
  if (only === article) show();
}

export function toggleName(name, value) {
  const has = chosen[name].includes(value);
  chosen[name] = has ? chosen[name].filter((other) => other !== value) : [...chosen[name], value];
  changed();
}

export function setPeriod({ from = "", to = "" }) {
  setDate(by("published_from"), from);
  setDate(by("published_to"), to);
  changed();
}

export function isPeriod({ from = "", to = "" }) {
  return by("published_from").value === from && by("published_to").value === to;
}

/** Take what was typed as names; a comma separates them, unless a known name has one. */
export function takeNames() {
  let took = false;
  for (const name of Object.keys(FIELDS)) {
    const typed = by(name).value.trim();
    by(name).value = "";
    const names = known[name]?.has(typed) ? [typed] : typed.split(",").map((part) => part.trim());
    for (const one of names) {
      if (!one || chosen[name].includes(one)) continue;
      chosen[name].push(one);
      took = true;
    }
  }
  if (took) changed();
}

// ---- What the form shows ----

function show() {
  for (const name of Object.keys(FIELDS)) {
    by(`${name}s`).replaceChildren(...chosen[name].map((value) => element("li", {},
      button({ "aria-label": `Remove ${name} ${value}` }, () => {
        toggleName(name, value);
        by(name).focus();
      }, value, cross()))));
  }
  for (const chip of by("periods").querySelectorAll("button")) {
    chip.ariaPressed = String(isPeriod({ from: chip.dataset.from }));
  }
  by("only").replaceChildren(...(article ? [
    element("span", {}, "Only this article: "),
    button({ class: "chip", "aria-label": `Ask all articles, not only ${article.title ?? article.id}` },
      () => { setArticle(null); question.focus(); },
      element("span", { dir: "auto" }, article.title ?? article.id), cross())] : []));
  describe();
}

function cross() {
  return element("span", { "aria-hidden": "true" }, " ×");
}

function describe() {
  const words = { as_of: "as of", published_from: "from", published_to: "to" };
  const parts = DATES.filter((id) => by(id).value).map((id) => `${words[id]} ${dayInWords(by(id).value)}`);
  for (const [name, values] of Object.entries(chosen)) {
    if (values.length) parts.push(values.length === 1 ? values[0] : `${values.length} ${FIELDS[name].toLowerCase()}`);
  }
  if (by("include_undated").checked) parts.push("undated too");
  by("filters-said").classList.toggle("set", parts.length > 0);
  by("filters-said").textContent = parts.length ? `Filters: ${parts.join(", ")}` : "Filters";
}

/** Show the filters, and act on them: at once, or once typing has paused. */
function changed(pause = 0) {
  show();
  clearTimeout(timer);
  timer = setTimeout(onchange, pause);
}

/** What the archive has, as suggestions; and periods counted back from its newest report. */
async function suggest() {
  const state = await json("v1/status").catch(() => ({}));
  showPeriods(state.newest_published_at?.slice(0, 10));
  for (const name of Object.keys(FIELDS)) {
    const { counts } = await json(`v1/counts?by=${name}&limit=1000`).catch(() => ({ counts: [] }));
    known[name] = new Set(counts.map(({ value }) => value).filter(Boolean));
    by(`known-${name}`).replaceChildren(...[...known[name]].map((value) => element("option", { value })));
  }
  show();
}

function showPeriods(newest) {
  const today = new Date().toISOString().slice(0, 10);
  if (!newest) return;
  const last = newest < today ? newest : today;
  const week = new Date(`${last}T00:00:00Z`);
  week.setUTCDate(week.getUTCDate() - 6);
  const periods = { "Last week": week.toISOString().slice(0, 10), "This month": `${last.slice(0, 7)}-01`, "This year": `${last.slice(0, 4)}-01-01` };
  const chips = Object.entries(periods).map(([name, from]) =>
    button({ class: "chip", "data-from": from, title: `From ${dayInWords(from)}` },
      () => setPeriod(isPeriod({ from }) ? {} : { from }), name));
  const since = last === today ? [] : [element("span", { class: "soft" }, `counted back from the newest report, ${dayInWords(last)}`)];
  by("periods").replaceChildren(...chips, ...since);
}

function nameField(name) {
  const field = element("input", { id: name, list: `known-${name}`, placeholder: "Name + Enter", autocomplete: "off" });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !field.value.trim()) return;
    event.preventDefault();
    takeNames();
  });
  return element("div", { class: "names" },
    element("label", { for: name }, FIELDS[name]),
    element("div", { class: "chips" }, element("ul", { id: `${name}s` }), field),
    element("datalist", { id: `known-${name}` }));
}

/** Watch the form; `act` is called after every change of a filter. */
export function watchFilters(act) {
  onchange = act;
  by("filters").addEventListener("change", (event) => {
    if (event.target.id in FIELDS) takeNames();
    else changed(event.target.type === "checkbox" ? 0 : PAUSE);
  });
  by("filters").addEventListener("toggle", suggest, { once: true });
  by("clear").addEventListener("click", clearFilters);
}

by("names").append(...Object.keys(FIELDS).map(nameField));
