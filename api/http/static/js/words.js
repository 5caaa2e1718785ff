// The words of an answer, in each of its forms.

import { by, element, when } from "./dom.js";
import { levelOf } from "./confidence.js";
import { reference } from "./reader.js";
import { dayInWords, sentence } from "./text.js";

const LONGEST_BIG = 60; // characters of an answer that is still set in large type

/** One more statement of an answer that is being written. */
export function showStatement(text) {
  const lead = by("answer").querySelector(".lead") ?? element("p", { class: "lead", dir: "auto" });
  if (!lead.isConnected) by("answer").append(lead);
  lead.append(element("span", { class: "statement" }, text));
  if (lead.textContent.length > LONGEST_BIG) lead.classList.add("long", "prose");
}

/** The whole answer as elements, the first of them its lead. An unsure one looks unsure. */
export function wordsOf(answer) {
  const [lead, ...rest] = partsOf(answer);
  const { doubt } = levelOf(answer.confidence);
  if (!doubt) return [lead, ...rest];
  lead.classList.add("unsure");
  return [element("p", { class: "doubt" }, doubt), lead, ...rest];
}

function partsOf(answer) {
  const { form, items, short_answer: short, answer: text } = answer;
  if (form === "brief") return [brief(answer)];
  if (form === "list" && items.length > 1) return [list(items)];
  if (form === "sentences" || !short) return [statements(answer, "lead long prose")];
  const value = short.kind === "boolean" ? sentence(short.text).slice(0, -1) : short.text;
  const lead = element("p", { class: value.length > LONGEST_BIG ? "lead long" : "lead", dir: "auto" }, value);
  return bare(value) === bare(text) ? [lead] : [lead, statements(answer, "written")];
}

function bare(text) {
  return text.trim().replace(/\.$/, "").toLowerCase();
}

/** Each statement with the numbers of its quotes; of a yes or no, without repeating it. */
function statements({ statements: said, answer, short_answer: short }, className) {
  const again = short?.kind === "boolean" ? /^\s*(yes|no):\s*/i : /^\s+/;
  if (!said.length) return element("p", { class: className, dir: "auto" }, answer);
  return element("p", { class: className, dir: "auto" }, ...said.flatMap(({ text, citations }) =>
    [element("span", { class: "statement" }, text.replace(again, "").trim(), ...markers(citations)), " "]));
}

/** The numbers do not part from the word before them. */
function markers(numbers) {
  return numbers.flatMap((n) => ["\u00a0", reference(n)]);
}

function list(items) {
  return element("ul", { class: "lead long lines" }, ...items.map(({ text, citations }) =>
    element("li", {}, element("span", { dir: "auto" }, text), ...markers(citations))));
}

/** Reports in the order of their days; each day is named once. */
function brief({ statements: said, citations }) {
  const days = new Map(citations.map((cited) => [cited.n, cited.published_at]));
  let last = "";
  return element("ol", { class: "lead long prose brief" }, ...said.map(({ text, citations: numbers }) => {
    const published = days.get(numbers[0]);
    const day = dayInWords(published);
    const heading = day === last ? null : element("span", { class: "byline" }, when(published));
    last = day;
    return element("li", {}, heading, element("span", { dir: "auto" }, text), ...markers(numbers));
  }));
}
