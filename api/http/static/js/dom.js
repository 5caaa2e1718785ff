// Small pieces of the page. Whatever comes out of the archive goes in as text nodes, never as HTML.

import { codeUnits, dayInWords } from "./text.js";

export const WIDE = matchMedia("(min-width: 62rem)"); // as in page.css: the article is beside the answer

export const by = (id) => document.getElementById(id);

export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

/** An attribute that is null or undefined is left out; so is such a child. Strings become text. */
function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

export function button(attributes, onclick, ...children) {
  const made = element("button", { type: "button", ...attributes }, ...children);
  made.addEventListener("click", onclick);
  return made;
}

export function byline({ source, published_at: published }) {
  return element("span", { class: "byline" }, source || "unknown source", " · ", when(published));
}

export function when(iso) {
  return iso ? element("time", { datetime: iso, title: iso }, dayInWords(iso)) : "undated";
}

/** A link to the original report. Only for web addresses: "javascript:" gives none. */
export function original(url) {
  if (!URL.canParse(url ?? "") || !/^https?:$/.test(new URL(url).protocol)) return null;
  const attributes = { href: url, target: "_blank", rel: "noopener noreferrer", class: "original" };
  return element("a", attributes, "original ↗");
}

/** Text with one part of it marked; offsets are code points. */
export function marked(text, start, end, attributes, inside = (part) => [part]) {
  const [from, to] = [codeUnits(text, start), codeUnits(text, end)];
  return [text.slice(0, from), element("mark", attributes, ...inside(text.slice(from, to))), text.slice(to)];
}

/** The quote's text, with the short answer emphasised where its place is known. */
export function quoted({ quote, start, answer_start: from, answer_end: to }) {
  return from == null ? [quote] : marked(quote, from - start, to - start, { class: "said" });
}

export function status(text) {
  by("status").textContent = text;
}
