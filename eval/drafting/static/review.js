// One draft at a time; every decision is sent at once, and shown when it is stored.
const $ = (id) => document.getElementById(id);
const base = location.pathname;
const drafts = [];
const undoable = []; // {place, before}: what a decision replaced
let at = 0;
let busy = false;

const KINDS = { said: "what was said", model: "by the model", removed: "no answer: before its report", renamed: "no answer: another name" };

function piece(text, start, end) {
  return Array.from(text).slice(start, end).join(""); // offsets count code points
}

function marked(context) {
  const { text, start, end, answer_start: from, answer_end: to } = context;
  const sentence = document.createElement("mark");
  if (from === null) {
    sentence.append(piece(text, start, end));
  } else {
    const answer = document.createElement("mark");
    answer.append(piece(text, from, to));
    sentence.append(piece(text, start, from), answer, piece(text, to, end));
  }
  return [piece(text, 0, start), sentence, piece(text, end)];
}

function show() {
  const decided = drafts.filter((draft) => draft.decision !== "open").length;
  const accepted = drafts.filter((draft) => draft.decision === "accepted").length;
  $("count").textContent = `${decided} of ${drafts.length} decided, ${accepted} accepted`;
  $("progress").max = drafts.length || 1;
  $("progress").value = decided;
  $("done").hidden = decided < drafts.length;
  $("draft").hidden = drafts.length === 0;
  $("undo").disabled = undoable.length === 0;
  $("edit").hidden = true;
  $("actions").hidden = false;
  $("problem").hidden = true;
  const draft = drafts[at];
  if (!draft) return;
  const { case: known, context } = draft;
  $("kind").textContent = KINDS[draft.kind] ?? draft.kind;
  $("state").textContent = `${at + 1} of ${drafts.length}, ${draft.decision}`;
  $("why").textContent = draft.why;
  $("question").textContent = known.question;
  $("answer").textContent = !known.answerable
    ? "Right: no answer"
    : known.answers.length
      ? `Right: ${known.answers.join(" / ")}`
      : "Right: the marked sentence";
  $("title").textContent = context.title ?? context.article_id;
  $("origin").textContent = [context.source ?? "unknown source", context.published_at ?? "undated"].join(", ");
  $("text").replaceChildren(...marked(context));
}

function next() {
  const order = [...drafts.keys()];
  const open = [...order.slice(at + 1), ...order.slice(0, at)].find((place) => drafts[place].decision === "open");
  at = open ?? Math.min(at + 1, drafts.length - 1);
}

async function send(place, change) {
  const address = `${base}drafts/${encodeURIComponent(drafts[place].case.id)}`;
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(address, { method: "POST", headers, body: JSON.stringify(change) });
  const content = await response.json();
  if (!response.ok) throw new Error(content.detail ?? `status ${response.status}`);
  drafts[place] = content;
}

const changeOf = (draft) => ({ decision: draft.decision, question: draft.case.question, answers: draft.case.answers });

async function decide(decision, edits = {}) {
  if (busy) return;
  busy = true;
  const place = at;
  const before = changeOf(drafts[place]);
  try {
    await send(place, { ...before, ...edits, decision });
    undoable.push({ place, before });
    next();
    show();
    $("draft").focus();
    scrollTo(0, 0);
  } catch (error) {
    complain(error);
  } finally {
    busy = false;
  }
}

async function undo() {
  if (busy || undoable.length === 0) return;
  busy = true;
  const { place, before } = undoable.at(-1);
  try {
    await send(place, before);
    undoable.pop();
    at = place;
    show();
  } catch (error) {
    complain(error);
  } finally {
    busy = false;
  }
}

function complain(error) {
  const unreachable = error instanceof TypeError;
  $("problem").textContent = `Not saved: ${unreachable ? "the review is no longer running" : error.message}`;
  $("problem").hidden = false;
}

function edit() {
  const { case: known } = drafts[at];
  $("new-question").value = known.question;
  $("new-answers").value = known.answers.join("\n");
  $("answers-label").hidden = known.form !== "short";
  $("edit").hidden = false;
  $("actions").hidden = true;
  $("new-question").focus();
}

function move(step) {
  at = (at + step + drafts.length) % drafts.length;
  show();
}

const ACTIONS = {
  a: () => decide("accepted"),
  r: () => decide("rejected"),
  e: edit,
  s: () => move(1),
  b: () => move(-1),
  u: undo,
};
const BUTTONS = { accept: "a", reject: "r", change: "e", skip: "s", back: "b", undo: "u" };
for (const [id, key] of Object.entries(BUTTONS)) $(id).addEventListener("click", () => ACTIONS[key]());

$("edit").addEventListener("submit", (event) => {
  event.preventDefault();
  const answers = $("new-answers").value.split("\n").map((line) => line.trim()).filter(Boolean);
  decide("accepted", { question: $("new-question").value, answers });
});
$("cancel").addEventListener("click", show);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || drafts.length === 0) return;
  if (!$("edit").hidden) {
    if (event.key === "Escape") show();
    return;
  }
  const action = ACTIONS[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});

const response = await fetch(`${base}drafts`);
const content = await response.json();
drafts.push(...content.drafts);
$("file").textContent = `${content.folder}/cases.jsonl`;
at = Math.max(0, drafts.findIndex((draft) => draft.decision === "open"));
show();
