// The first screen: what the archive holds, and questions that it answers.

import { showFirstSteps } from "./answer.js";
import { by, element } from "./dom.js";
import { histogram } from "./histogram.js";
import { go, link } from "./places.js";
import { json } from "./service.js";
import { counted, dayInWords } from "./text.js";

const EXAMPLES = 3, SOURCES = 8;
const PAUSE = 5000, LOOKS = 12; // milliseconds between two looks for examples, which a new archive lacks

const nothing = () => null; // what cannot be read, without a key for example, is not shown

/** What the page shows before anything is asked, unless `isAsking` by then. */
export async function showIdle(isAsking) {
  const [health, state, months, sources] = await Promise.all(
    ["health/ready", "v1/status", "v1/counts?by=month&limit=1000", `v1/counts?by=source&limit=${SOURCES}`]
      .map((path) => json(path).catch(nothing)));
  if (isAsking()) return;
  const articles = health?.articles;
  if (articles === 0) {
    showFirstSteps();
    return;
  }
  const examples = element("section", { id: "examples", "aria-label": "Questions to try", hidden: "" });
  by("answer").replaceChildren(
    element("p", { class: "soft intro" },
      "Ask who, when, how much, why, what was said, or for a list or a summary."
      + " What the archive does not say is answered with “not found”.",
      articles ? ` It holds ${counted(articles, "article")}${reach(state ?? {})}.` : ""),
    examples, ...holdings(months, sources));
  await showExamples(examples, () => isAsking() || !examples.isConnected);
}

/** How far the archive reaches, and when it last grew, in words. */
function reach({ oldest_published_at: oldest, newest_published_at: newest, last_ingested_at: grown }) {
  const period = newest ? `, from ${dayInWords(oldest)} to ${dayInWords(newest)}` : "";
  return period + (grown ? `; the last came in on ${dayInWords(grown)}` : "");
}

/** The service looks for examples by itself: those of a new archive come one by one. */
async function showExamples(box, isOver) {
  for (let look = 0; look < LOOKS && !isOver(); look += 1) {
    const { suggestions } = (await json("v1/suggestions").catch(nothing)) ?? { suggestions: [] };
    const shown = suggestions.slice(0, EXAMPLES);
    if (isOver()) return;
    box.hidden = !shown.length;
    if (shown.length > box.querySelectorAll("li").length) {
      box.replaceChildren(element("h2", {}, "This archive answers"), element("ul", {}, ...shown.map(example)));
    }
    if (shown.length === EXAMPLES) return;
    await new Promise((done) => setTimeout(done, PAUSE));
  }
}

function example({ question, source, published_at: published }) {
  return element("li", {}, link({ q: question }, { dir: "auto" }, question), " ",
    element("span", { class: "byline" }, [source, published && dayInWords(published)].filter(Boolean).join(" · ")));
}

function holdings(months, sources) {
  const inMonth = ({ from, to }) => go(new URLSearchParams({ view: "archive", published_from: from, published_to: to }));
  const bars = months && histogram(months.counts, inMonth);
  const named = sources?.counts.filter(({ value }) => value) ?? [];
  if (!bars && !named.length) return [];
  const more = sources?.others ? ` and ${sources.others} more` : "";
  return [element("section", { class: "holdings", "aria-label": "What the archive holds" },
    element("h2", {}, link({ view: "archive" }, {}, "Browse the archive")),
    bars,
    element("ul", { class: "facet" }, ...named.map(({ value, articles }) => element("li", {},
      link({ view: "archive", source: value }, { class: "chip", dir: "auto" }, value,
        element("span", { class: "soft" }, ` ${articles.toLocaleString("en")}`)))),
    ...(more ? [element("li", {}, link({ view: "archive" }, { class: "chip" }, more))] : [])))];
}
