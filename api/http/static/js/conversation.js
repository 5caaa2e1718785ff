// The turns of a conversation: the newest is on the page, the earlier ones are folded above it.

import { lesserActions } from "./actions.js";
import { wordsAsText } from "./citing.js";
import { levelOf } from "./confidence.js";
import { by, byline, element, original, quoted } from "./dom.js";
import { json } from "./service.js";

const MOST_EARLIER = 100; // questions that the service takes as a conversation's history

let earlier = []; // turns before the newest, oldest first: {question, answer}; without an answer, null
let newest = { question: "", answer: null };

/** The earlier questions, oldest first: what a follow-up may refer to. */
export function earlierQuestions() {
  return earlier.map(({ question }) => question).slice(-MOST_EARLIER);
}

/** A question of its own ends the conversation; the same one again takes the newest turn's place. */
export function beginTurn(question) {
  if (question !== newest.question) earlier = [];
  newest = { question, answer: null };
  showEarlier();
}

/** A question that may refer to those before it; one that was not answered is forgotten. */
export function followTurn(question) {
  if (newest.answer) earlier.push(newest);
  newest = { question, answer: null };
  showEarlier();
}

export function completeTurn(answer) {
  newest.answer = answer;
}

export function endConversation() {
  earlier = [];
  newest = { question: "", answer: null };
  showEarlier();
}

/** What the browser's history remembers of the page: the ids of the answers, null where one is missing. */
export function turnIds() {
  return [...earlier, newest].map(({ answer }) => answer?.id ?? null);
}

/** Take up a conversation that this page has not seen, or has left. */
export function resumeTurns(questions) {
  const turns = questions.map((question) => ({ question, answer: null }));
  newest = turns.pop();
  earlier = turns;
  showEarlier();
}

/** Read its answers as they were stored. Returns the newest, null where it has to be asked for again. */
export async function loadTurns(ids) {
  const turns = [...earlier, newest];
  const stored = await Promise.all(ids.map((id) =>
    id && json(`v1/answers/${encodeURIComponent(id)}`).catch(() => null)));
  turns.forEach((turn, index) => { turn.answer = isWhole(stored[index]) ? stored[index] : null; });
  showEarlier();
  return turns.at(-1).answer;
}

/** Of an answer whose report was deleted, only the record is left. */
function isWhole(stored) {
  return stored != null && (stored.status !== "answered" || stored.answer != null);
}

function showEarlier() {
  by("earlier").hidden = !earlier.length;
  by("turns").replaceChildren(...earlier.map(turn));
}

function turn({ question, answer }) {
  const asked = element("span", { class: "asked", dir: "auto" }, question);
  if (!answer) return element("li", {}, asked);
  const said = element("span", { class: "gist", dir: "auto" }, gist(answer));
  return element("li", {}, element("details", { class: "turn" },
    element("summary", {}, asked, " ", said),
    element("p", { class: "whole", dir: "auto" }, answer.answer ? wordsAsText(answer) : answer.reason),
    ...answer.citations.map(quote),
    lesserActions(answer)));
}

/** The answer in a line. */
function gist({ status, short_answer: short, answer, items, confidence }) {
  if (status !== "answered") return "Not found";
  const { doubt } = levelOf(confidence);
  const listed = items?.length > 1 ? items.map(({ text }) => text).join(", ") : null;
  return `${doubt ? `${doubt}: ` : ""}${listed ?? short?.text ?? answer}`;
}

function quote(cited) {
  return element("figure", { class: "citation" },
    element("blockquote", { dir: "auto" }, ...quoted(cited)),
    element("figcaption", {}, `[${cited.n}] `, element("span", { dir: "auto" }, cited.title || cited.article_id),
      " · ", byline(cited), original(cited.url)));
}
