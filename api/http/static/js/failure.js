// What went wrong, and what to do about it.

import { button, element } from "./dom.js";
import { Problem } from "./service.js";

/** `again` asks the same question once more: only where that may succeed. */
export function failure(error, again) {
  const known = error instanceof Problem;
  const message = known ? error.message : `This page failed: ${error.message} Load it again.`;
  const advice = known ? adviceFor(error) : "";
  return element("div", { class: "failure", role: "alert" },
    element("p", {}, message),
    advice ? element("p", { class: "soft" }, advice) : null,
    known && error.isRetryable ? button({}, again, "Ask again") : null);
}

function adviceFor({ code, type, isRetryable }) {
  if (type === "queue-full") return "Many people are asking at this moment.";
  if (code === 400 || code === 413) return "Change the question or the filters, then ask again.";
  if (code === 403) return "Ask whoever runs this archive for a key that may ask.";
  if (code === 404) return "Load the page again: the service may have been updated.";
  if (code >= 500 && !isRetryable) return "Asking again will not help: whoever runs this archive has to act.";
  return "";
}
