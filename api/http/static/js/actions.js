// What can be done with an answer: copy, link, export, print.

import { button, by, element } from "./dom.js";
import { answerAsText } from "./citing.js";
import { feedback } from "./feedback.js";
import { blob, json } from "./service.js";

const EXPORTS = [["md", "Markdown"], ["docx", "Word"], ["jsonld", "JSON-LD"]];

/** The address under which this very answer stays. */
function permanentLink({ id }) {
  return new URL(`a/${encodeURIComponent(id)}`, document.baseURI).href;
}

export function actions(answer) {
  const { note, say } = notice();
  const link = permanentLink(answer);
  return element("div", { class: "actions" },
    answer.status === "answered" ? copyButton(answer, say) : null,
    button({}, () => attempt(() => share(answer, link, say), say), "Copy link"),
    exports(answer, link, say),
    feedback(answer, say),
    note,
    element("p", { class: "printed" }, link));
}

/** What can still be done with an earlier answer of the conversation. */
export function lesserActions(answer) {
  const { note, say } = notice();
  return element("div", { class: "actions" },
    copyButton(answer, say), element("a", { href: permanentLink(answer) }, "Permanent link"), note);
}

/** Where it is said what was done, beside what did it. */
function notice() {
  const note = element("span", { class: "soft note", role: "status" });
  return { note, say: (text) => { note.textContent = text; } };
}

function copyButton(answer, say) {
  const act = () => copy(answerAsText(answer, permanentLink(answer)), "The answer is copied, with its sources.", say);
  return button({ "aria-label": "Copy answer" }, act, "Copy");
}

function exports(answer, link, say) {
  const item = (act, name) => element("li", {}, button({}, () => { closeMenu(null); act(); }, name));
  return element("details", { class: "menu" },
    element("summary", {}, "Export"),
    element("ul", {},
      ...EXPORTS.map(([format, name]) => item(() => attempt(() => save(answer, format, say), say), name)),
      item(() => print(), "Print"),
      element("li", {}, element("a", { href: link }, "Its own page"))));
}

/** Do it, and say so where it fails. */
async function attempt(act, say) {
  try {
    await act();
  } catch (error) {
    say(error.message);
  }
}

async function share({ id }, link, say) {
  try {
    await json(`v1/answers/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error.code !== 404) throw error;
    say("This service does not store its answers, so there is no link to this one.");
    return;
  }
  await copy(link, "The link is copied. It shows this very answer.", say);
}

async function copy(text, done, say) {
  const copied = navigator.clipboard
    ? await navigator.clipboard.writeText(text).then(() => true, () => false)
    : copySelected(text);
  say(copied ? done : "This browser does not let the page copy.");
}

/** For pages that do not come over https: there browsers have no clipboard. */
function copySelected(text) {
  const field = element("textarea", { class: "unseen", "aria-hidden": "true" });
  const back = document.activeElement;
  field.value = text;
  by("results").append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  back?.focus();
  return copied;
}

/** Through this page, as a plain link would not send the key. */
async function save({ id }, format, say) {
  const content = await blob(`v1/answers/${encodeURIComponent(id)}/export?format=${format}`);
  const address = URL.createObjectURL(content);
  element("a", { href: address, download: `dateline-${id}.${format}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
  say("Exported.");
}

/** Close the open menu, unless the target is in it; without one the focus goes back. Returns true if it closed. */
export function closeMenu(target) {
  const menu = document.querySelector(".menu[open]");
  if (!menu || menu.contains(target)) return false;
  menu.open = false;
  if (!target) menu.querySelector("summary").focus();
  return true;
}
