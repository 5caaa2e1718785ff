// The places of the site that are no answer, as addresses: ?view=archive and ?view=article&id=….

import { by, element } from "./dom.js";

const place = by("place");

/** What the address shows: "archive", "article", or null for a question or the first screen. */
export function viewed() {
  return new URLSearchParams(location.search).get("view");
}

/** Go to an address of this page, as a link does. */
export function go(query) {
  history.pushState(null, "", `?${query}`);
  window.dispatchEvent(new PopStateEvent("popstate"));
  scrollTo(0, 0);
}

/** A link within the page; `parameters` are those of the address. */
export function link(parameters, attributes, ...children) {
  const query = String(new URLSearchParams(parameters));
  const made = element("a", { href: `?${query}`, ...attributes }, ...children);
  made.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // a tab of its own
    event.preventDefault();
    go(query);
  });
  return made;
}

export function articleLink({ id, title, article_id: named = id }) {
  return link({ view: "article", id: named }, { class: "title", dir: "auto" }, title || named);
}

/** Show a place instead of an answer. */
export function openPlace(...parts) {
  by("columns").hidden = true;
  place.hidden = false;
  place.replaceChildren(...parts);
}

/** Say why a place cannot be shown. Without a key, `main.js` asks for one. */
export function failPlace(box, error) {
  if (error.code === 401) window.dispatchEvent(new CustomEvent("locked", { detail: error }));
  else box.replaceChildren(element("span", { class: "failure" }, error.message));
}

export function closePlace() {
  by("columns").hidden = false;
  place.hidden = true;
  place.replaceChildren();
}
