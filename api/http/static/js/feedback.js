// Thumbs: whether an answer was right, and if not, why.

import { button, drawn, element } from "./dom.js";
import { post } from "./service.js";

const THUMB = "M2 9h3v8H2zM7 17h7.2l2.3-6.6V8.6H11l.9-4.1L10.6 3 7 8z";
const REASONS = [
  // What the reader chooses, and the verdict that it is.
  ["The reports say something else", "wrong"],
  ["It is out of date", "wrong"],
  ["It answers another question", "wrong"],
  ["It leaves something out", "incomplete"],
  ["Something else", "wrong"],
];

/** `say` shows what has become of it. */
export function feedback(answer, say) {
  const box = element("div", { class: "feedback", role: "group", "aria-label": "Was this answer right?" });
  const send = (content) => sendFeedback(answer, content, box, say);
  const up = button({ "aria-label": "Right", title: "Right" }, () => send({ verdict: "right" }), thumb("up"));
  const down = button({ "aria-label": "Wrong or incomplete", title: "Wrong or incomplete", "aria-expanded": "false" },
    () => toggle(down, box, send), thumb("down"));
  box.append(up, down);
  return box;
}

function thumb(way) {
  return drawn("svg", { class: `thumb ${way}`, viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true" },
    drawn("path", { d: THUMB }));
}

function toggle(down, box, send) {
  const open = box.querySelector("form");
  down.setAttribute("aria-expanded", String(!open));
  if (open) {
    open.remove();
    return;
  }
  const form = reasonForm(send);
  box.append(form);
  form.querySelector("select").focus();
}

function reasonForm(send) {
  const reason = element("select", {}, ...REASONS.map(([text]) => element("option", {}, text)));
  const correction = element("textarea", { rows: "2", maxlength: "1000", dir: "auto" });
  const form = element("form", { class: "reason" },
    element("label", {}, "What is wrong? ", reason),
    element("label", {}, "What would be right? (optional) ", correction),
    element("button", {}, "Send"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [text, verdict] = REASONS[reason.selectedIndex];
    const right = correction.value.trim();
    send({ verdict, reason: text, ...(right && { correction: right }) });
  });
  return form;
}

async function sendFeedback({ id }, content, box, say) {
  try {
    await post(`v1/answers/${encodeURIComponent(id)}/feedback`, content);
  } catch (error) {
    say(error.code === 404 ? "This service takes no feedback on this answer." : error.message);
    return;
  }
  const next = box.closest(".actions").querySelector("button");
  box.remove();
  next.focus();
  say("Thank you. Your feedback is stored.");
}
