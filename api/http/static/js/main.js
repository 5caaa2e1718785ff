// Asking, the address, the key and the keyboard.

import { clearResults, showAnswer, showToken } from "./answer.js";
import { refilterPlace, showPlace } from "./browse.js";
import { WIDE, button, by, element, status } from "./dom.js";
import { asked, filterQuery, fromAddress, takeNames, toAddress, watchFilters } from "./filters.js";
import { showIdle } from "./overview.js";
import { showHits } from "./passages.js";
import { closePlace } from "./places.js";
import { goTo, placeReader } from "./reader.js";
import { Problem, answerEvents, storeKey, storedKey } from "./service.js";

const form = by("ask"), question = by("question");

/** What the page is doing: the question under way, and what its results belong to. */
const page = {
  running: null, // the AbortController of the answer under way
  address: "", // whose answer is on the page
  filters: null, // of the results on the page, as a query; null where there are none
};

async function ask() {
  page.running?.abort();
  const mine = (page.running = new AbortController());
  const sent = performance.now();
  clear();
  page.filters = String(filterQuery());
  setBusy(true);
  status("Searching …");
  document.title = `${question.value.trim()} · Dateline`;
  let hits = [];
  try {
    for await (const [name, content] of answerEvents(asked(), mine.signal)) {
      if (mine !== page.running) return;
      if (name === "open") status("Waiting for its turn …"); // the hits come along unless others are ahead
      if (name === "hits") showHits((hits = content));
      if (name === "token") showToken(content.text);
      if (name === "answer") await showAnswer({ hits, ...content }, performance.now() - sent, submit);
    }
    if (mine === page.running) status("");
  } catch (error) {
    if (mine === page.running) showFailure(error);
  } finally {
    if (mine === page.running) setBusy(false);
  }
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
  by("unlock").hidden = true;
  page.filters = null;
}

/** Act on changed filters at once: no answer stays under other filters than its own. */
function applyFilters() {
  if (refilterPlace()) page.address = location.search;
  else if (page.filters !== null && page.filters !== String(filterQuery())) submit();
}

function showFailure(error) {
  status("");
  if (!by("found").childElementCount) page.filters = null; // there are no results to be stale
  if (error.name === "AbortError") {
    status(by("answer").textContent ? "Stopped. This is not the whole answer." : "Stopped.");
  } else if (error.code === 401) {
    askForKey(error);
  } else {
    const message = error instanceof Problem ? error.message : `This page failed: ${error.message}`;
    const again = error.isRetryable ? button({}, ask, "Ask again") : null;
    by("answer").append(element("div", { class: "failure", role: "alert" }, element("p", {}, message), again));
  }
}

function submit() {
  takeNames();
  const address = toAddress();
  if (address !== location.search) history.pushState(null, "", address);
  page.address = location.search;
  ask();
}

/** Ask the address's question: at the start, and after going back or forward. */
function followAddress() {
  page.address = location.search;
  cancel();
  clear();
  fromAddress();
  if (showPlace()) return;
  if (question.value) {
    ask();
    return;
  }
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
    if (page.running) stop();
    else if (isTyping(event.target)) event.target.blur();
  } else if (isTyping(event.target)) {
    return;
  } else if (event.key === "/") {
    event.preventDefault();
    question.focus();
    question.select();
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
by("unlock").addEventListener("submit", (event) => {
  event.preventDefault();
  useKey(by("key").value);
  ask();
});
onEnter(question, () => form.requestSubmit());
watchFilters(applyFilters);
by("stop").addEventListener("click", stop);
by("forget").addEventListener("click", () => {
  useKey(null);
  status("The key is forgotten.");
});
document.addEventListener("keydown", onKey);
window.addEventListener("popstate", () => location.search !== page.address && followAddress());
WIDE.addEventListener("change", placeReader);

by("forget").hidden = !storedKey();
followAddress();
if (!question.value) question.focus();
