// The question's filters, as a form and as the page's address.

import { button, by, element } from "./dom.js";
import { counted, dayInWords } from "./text.js";

const DATES = ["as_of", "published_from", "published_to"];
const seen = new Set(); // sources of passages found so far, as suggestions
const question = by("question");
let sources = [];
let onchange = () => {};

/** The request body for the form's question. */
export function asked() {
  const [as_of, published_from, published_to] = DATES.map((id) => by(id).value || null);
  return {
    question: question.value.trim(), stream: true, as_of,
    include_undated: by("include_undated").checked,
    filters: { sources, published_from, published_to },
  };
}

export function isFiltered() {
  return sources.length > 0 || DATES.some((id) => by(id).value);
}

/** The form's filters as the query of an address. */
export function filterQuery() {
  const query = new URLSearchParams();
  for (const id of DATES) if (by(id).value) query.set(id, by(id).value);
  for (const source of sources) query.append("source", source);
  if (by("include_undated").checked) query.set("include_undated", "true");
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
  setSources(query.getAll("source"));
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
  setSources([]);
}

function setSources(names) {
  sources = [...new Set(names)];
  by("sources").replaceChildren(...sources.map((name) => element("li", {},
    button({ "aria-label": `Remove source ${name}` }, () => {
      setSources(sources.filter((other) => other !== name));
      by("source").focus();
    }, name, element("span", { "aria-hidden": "true" }, " ×")))));
  describeFilters();
}

/** Take what was typed as sources; a comma separates names, unless a known source has one. */
export function takeSources() {
  const typed = by("source").value.trim();
  by("source").value = "";
  const names = seen.has(typed) ? [typed] : typed.split(",").map((name) => name.trim()).filter(Boolean);
  if (names.length) setSources([...sources, ...names]);
}

export function suggestSources(names) {
  for (const name of names) seen.add(name);
  by("seen").replaceChildren(...[...seen].sort().map((value) => element("option", { value })));
}

function describeFilters() {
  const words = { as_of: "as of", published_from: "from", published_to: "to" };
  const parts = DATES.filter((id) => by(id).value).map((id) => `${words[id]} ${dayInWords(by(id).value)}`);
  if (sources.length) parts.push(sources.length === 1 ? sources[0] : counted(sources.length, "source"));
  if (by("include_undated").checked) parts.push("undated too");
  by("filters-said").classList.toggle("set", parts.length > 0);
  by("filters-said").textContent = parts.length ? `Filters: ${parts.join(", ")}` : "Filters";
  onchange();
}

/** Watch the form; `changed` is called after every change of a filter. */
export function watchFilters(changed) {
  onchange = changed;
  by("filters").addEventListener("change", describeFilters);
  by("source").addEventListener("change", takeSources);
  by("clear").addEventListener("click", clearFilters);
}
