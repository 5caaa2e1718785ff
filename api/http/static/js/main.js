// Asking, the address, the key and the keyboard.

import { closeMenu } from "./actions.js";
import { clearResults, showAnswer, showQuestion, showToken } from "./answer.js";
import { refilterPlace, showPlace } from "./browse.js";
import {
  beginTurn, completeTurn, earlierQuestions, endConversation, followTurn, loadTurns, resumeTurns, turnIds,
} from "./conversation.js";
import { WIDE, by, status } from "./dom.js";
import { failure } from "./failure.js";
import { asked, filterQuery, fromAddress, takeNames, toAddress, watchFilters } from "./filters.js";
import { showIdle } from "./overview.js";
import { showHits } from "./passages.js";
import { closePlace } from "./places.js";
import { goTo, placeReader } from "./reader.js";
import { answerEvents, post, storeKey, storedKey } from "./service.js";
import { counted } from "./text.js";

const form = by("ask"), question = by("question"), followUp = by("follow-up");

/** What the page is doing: the question under way, and what its results belong to. */
const page = {
  running: null, // the AbortController of the answer under way
  address: "", // whose answer is on the page
  filters: null, // of the results on the page, as a query; null where there are none
};

/** Ask the form's question, which may refer to those before it. `more`: what else the request says. */
async function ask(more = {}) {
  const mine = begin();
  const sent = performance.now();
  status("Searching …");
  let hits = [];
  try {
    const body = { ...asked(), history: earlierQuestions(), ...more };
    for await (const [name, content] of answerEvents(body, mine.signal)) {
      if (mine !== page.running) return;
      if (name === "waiting") status(turnInWords(content.ahead));
      if (name === "hits") showHits((hits = content));
      if (name === "token") showToken(content.text);
      if (name === "answer") await finish({ hits, ...content }, performance.now() - sent);
    }
    if (mine === page.running) status("");
  } catch (error) {
    if (mine === page.running) showFailure(error);
  } finally {
    if (mine === page.running) setBusy(false);
  }
}

/** Show the conversation as it was, from its stored answers; a newest one that is missing is asked for. */
async function restore(ids) {
  const mine = begin();
  status("Opening the answer …");
  const answer = await loadTurns(ids);
  if (mine !== page.running) return;
  if (!answer) {
    ask();
    return;
  }
  const { stream, ...search } = asked();
  const found = await post("v1/retrieve", { ...search, question: answer.question }).catch(() => null);
  const hits = found ? (await found.json()).hits : [];
  if (mine !== page.running) return;
  showHits(hits);
  await finish({ ...answer, hits }, null);
  status("");
  setBusy(false);
}

/** Clear the page for an answer; returns what stops it. */
function begin() {
  page.running?.abort();
  page.running = new AbortController();
  clear();
  page.filters = String(filterQuery());
  setBusy(true);
  const text = question.value.trim();
  const isAlone = !earlierQuestions().length;
  document.title = `${text} · Dateline`;
  showQuestion(text, isAlone);
  showNewest();
  return page.running;
}

async function finish(answer, waited) {
  completeTurn(answer);
  history.replaceState({ answers: turnIds() }, "");
  await showAnswer(answer, waited, { again: submit, anyway: () => ask({ min_confidence: 0 }) });
  followUp.hidden = false;
  showNewest();
}

/** In a conversation the newest turn comes to the top of the screen, as far as the page goes. */
function showNewest() {
  if (earlierQuestions().length) by("answer").scrollIntoView({ block: "start" });
}

function turnInWords(ahead) {
  return `Waiting for its turn: ${ahead ? `${counted(ahead, "question")} ahead` : "it is the next"} …`;
}

/** Stop the answer under way, and say so. */
function stop() {
  page.running?.abort();
}

/** Stop it silently: something else comes in its place. */
function cancel() {
  stop();
  setBusy(false);
}

function setBusy(is) {
  if (!is) page.running = null;
  form.classList.toggle("busy", is);
  by("go").hidden = is;
  by("stop").hidden = !is;
}

function clear() {
  clearResults();
  closePlace();
  followUp.hidden = true;
  by("unlock").hidden = true;
  page.filters = null;
}

/** Act on changed filters at once: no answer stays under other filters than its own. */
function applyFilters() {
  if (refilterPlace()) page.address = location.search;
  else if (page.filters !== null && page.filters !== String(filterQuery())) {
    toAddressOf(earlierQuestions());
    ask();
  }
}

function showFailure(error) {
  status("");
  if (!by("found").childElementCount) page.filters = null; // there are no results to be stale
  if (error.name === "AbortError") {
    status(by("answer").querySelector(".lead") ? "Stopped. This is not the whole answer." : "Stopped.");
  } else if (error.code === 401) {
    askForKey(error);
  } else {
    by("answer").append(failure(error, () => ask()));
  }
  if (!earlierQuestions().length) return;
  followUp.hidden = false; // the follow-up can be put in other words
  by("next").value = question.value;
}

function submit() {
  takeNames();
  beginTurn(question.value.trim());
  toAddressOf(earlierQuestions());
  ask();
}

/** Ask what may refer to the questions before it. */
function submitFollowUp() {
  const text = by("next").value.trim();
  if (!text) return;
  followTurn(text);
  by("next").value = "";
  question.value = text;
  toAddressOf(earlierQuestions());
  ask();
}

/** The address of the form's question, behind those before it. */
function toAddressOf(earlier) {
  const query = new URLSearchParams(toAddress());
  for (const text of earlier) query.append("after", text);
  if (`?${query}` !== location.search) history.pushState(null, "", `?${query}`);
  page.address = location.search;
}

/** Show the address's question: at the start, and after going back or forward. */
function followAddress() {
  page.address = location.search;
  cancel();
  clear();
  fromAddress();
  if (showPlace()) {
    endConversation();
    status("");
    return;
  }
  if (question.value.trim()) {
    resumeTurns([...new URLSearchParams(location.search).getAll("after"), question.value.trim()]);
    restore(history.state?.answers ?? []);
    return;
  }
  startAnew();
}

/** An empty page. */
function startAnew() {
  endConversation();
  status("");
  document.title = "Dateline";
  showIdle(() => page.running || question.value.trim());
}

// ---- The key ----

function askForKey(problem) {
  by("refused").textContent = storedKey() ? `The key was refused. ${problem.message}` : "";
  by("unlock").hidden = false;
  by("key").focus();
}

function useKey(key) {
  if (!storeKey(key)) status("This browser stores no key: allow it to store data for this page.");
  by("key").value = "";
  by("forget").hidden = !storedKey();
}

// ---- The keyboard ----

function isTyping(target) {
  return target.matches("input, textarea, select");
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    if (closeMenu(null)) return;
    if (page.running) stop();
    else if (isTyping(event.target)) event.target.blur();
  } else if (isTyping(event.target)) {
    return;
  } else if (event.key === "/") {
    event.preventDefault();
    question.focus();
    question.select();
  } else if (event.key === "f" && !followUp.hidden) {
    event.preventDefault();
    by("next").focus();
  } else if (/^[1-9]$/.test(event.key)) {
    goTo(Number(event.key));
  }
}

function onEnter(field, act) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !field.value.trim()) return;
    event.preventDefault();
    act();
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!question.value.trim()) return;
  by("results").focus({ preventScroll: true }); // number keys reach the quotes, a phone's keyboard goes
  submit();
});
followUp.addEventListener("submit", (event) => {
  event.preventDefault();
  by("results").focus({ preventScroll: true });
  submitFollowUp();
});
by("anew").addEventListener("click", () => {
  cancel();
  clear();
  question.value = "";
  history.pushState(null, "", location.pathname);
  page.address = location.search;
  startAnew();
  question.focus();
});
by("unlock").addEventListener("submit", (event) => {
  event.preventDefault();
  useKey(by("key").value);
  followAddress();
});
onEnter(question, () => form.requestSubmit());
onEnter(by("next"), () => followUp.requestSubmit());
watchFilters(applyFilters);
by("stop").addEventListener("click", stop);
by("forget").addEventListener("click", () => {
  useKey(null);
  status("The key is forgotten.");
});
document.addEventListener("keydown", onKey);
document.addEventListener("click", (event) => closeMenu(event.target));
window.addEventListener("locked", (event) => askForKey(event.detail));
window.addEventListener("popstate", () => location.search !== page.address && followAddress());
WIDE.addEventListener("change", placeReader);

by("forget").hidden = !storedKey();
followAddress();
if (!question.value) question.focus();
