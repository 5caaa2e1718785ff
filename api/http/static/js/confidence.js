// How sure an answer is, in words.

import { element } from "./dom.js";

const LEVELS = [
  // The least confidence of a level, its word, and what is shown above an answer that is not sure.
  { least: 0.8, word: "high", doubt: "" },
  { least: 0.6, word: "fair", doubt: "" },
  { least: 0.5, word: "low", doubt: "Likely, not sure" },
  { least: 0, word: "very low", doubt: "Not sure" },
];

export function levelOf(confidence) {
  return LEVELS.find(({ least }) => confidence >= least) ?? LEVELS.at(-1);
}

/** "Confidence 0.83: high"; unfolded, what that means. An unsure answer says so at once. */
export function explained(confidence) {
  const { word, doubt } = levelOf(confidence);
  return explanation(confidence, word, doubt !== "", "Check the quote before you rely on it.");
}

export function explainedRejection(confidence) {
  return explanation(confidence, "not enough", true, "Check the passages: such an answer is often wrong.");
}

function explanation(confidence, word, isDoubtful, advice) {
  const tenths = Math.round(confidence * 10) || "none";
  return element("details", { class: isDoubtful ? "confidence caution" : "confidence", open: isDoubtful ? "" : null },
    element("summary", {}, `Confidence ${confidence.toFixed(2)}: ${word}`),
    element("p", {}, "It estimates, from 0 to 1, how likely an answer is right:"
      + ` of ten such answers, about ${tenths} should be. It was fitted on other reports than these`
      + ` and tends to be too high. ${advice}`));
}
