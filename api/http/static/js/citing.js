// An answer as text that can be pasted: pure functions.

import { dayInWords, sentence } from "./text.js";

/** The answer, then its quotes as citation lines, then its permanent link. */
export function answerAsText(answer, link) {
  const lines = answer.citations.map((cited) => `[${cited.n}] ${citationLine(cited)}`);
  return [`${answer.question}\n${wordsAsText(answer)}`, lines.join("\n"), link].filter(Boolean).join("\n\n");
}

/** The words with the numbers of their quotes. */
export function wordsAsText({ form, items = [], statements, short_answer: short, answer }) {
  const marked = ({ text, citations }) => `${text.trim()} ${citations.map((n) => `[${n}]`).join("")}`.trim();
  if (form === "list" && items.length > 1) return items.map((item) => `- ${marked(item)}`).join("\n");
  if (form === "brief") return statements.map((said) => `- ${marked(said)}`).join("\n");
  const whole = statements.length ? statements.map(marked).join(" ") : answer;
  const isSaid = short?.kind !== "boolean" || whole.toLowerCase().startsWith(short.text.toLowerCase());
  return isSaid ? whole : `${sentence(short.text)} ${whole}`;
}

/** “The quote.” Title, Source, 4 March 2024, address */
export function citationLine({ quote, title, article_id: id, source, published_at: published, url }) {
  const web = /^https?:/.test(url ?? "") ? url : null;
  const origin = [title || id, source, dayInWords(published), web].filter(Boolean);
  return `“${quote.replace(/\s+/g, " ").trim()}” ${origin.join(", ")}`;
}
