// Requests to the service, its key, its errors and its event streams.

import { secondsUntil, sentence, wait } from "./text.js";

const KEY = "dateline-key"; // where this tab stores an API key
const RETRYABLE = new Set([0, 408, 429, 500, 502, 503, 504]);
const LASTING = new Set([ // problems that last until somebody acts
  "empty-archive", "not-an-archive", "storage-failed", "embedder-mismatch", "model-unavailable", "answer-model-refused",
]);
const SOON = 120; // seconds: a wait that is longer is not offered as "ask again"

export class Problem extends Error {
  /** `code` is HTTP's; 0 where there was no answer. `type`: the problem's name; `after`: seconds to wait. */
  constructor(message, code, type = "", after = 0) {
    super(message);
    this.code = code;
    this.type = String(type ?? "").replace("urn:dateline:", "");
    this.after = after;
  }

  /** The same request may succeed soon. */
  get isRetryable() {
    return RETRYABLE.has(this.code) && !LASTING.has(this.type) && this.after <= SOON;
  }
}

export function storedKey() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // a browser that stores nothing
  }
}

/** Store a key for this tab, or remove it. Returns false where the browser stores nothing. */
export function storeKey(key) {
  try {
    if (key) sessionStorage.setItem(KEY, key);
    else sessionStorage.removeItem(KEY);
    return true;
  } catch {
    return false;
  }
}

async function request(path, options = {}) {
  const key = storedKey();
  const headers = { ...options.headers, ...(key && { Authorization: `Bearer ${key}` }) };
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("The service cannot be reached. Is it running?", 0);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** A problem document (RFC 9457), or whatever a proxy sent in its place, as an error. */
async function problemOf(response) {
  const { detail, title, type } = await response.json().catch(() => ({}));
  const said = sentence(String(detail || title || `The service answered with status ${response.status}`));
  const after = response.headers.get("Retry-After");
  const again = /try again in/i.test(said) ? "" : wait(after);
  return new Problem(`${said} ${again}`.trim(), response.status, type, secondsUntil(after) || 0);
}

export async function json(path) {
  return (await request(path)).json();
}

/** The response to a JSON body. */
export async function post(path, body, more = {}) {
  const headers = { "Content-Type": "application/json", ...more.headers };
  return request(path, { ...more, method: "POST", headers, body: JSON.stringify(body) });
}

export async function blob(path) {
  return (await request(path)).blob();
}

/** The events of an answer: `[name, content]`, "open" when the response begins. Throws an error event. */
export async function* answerEvents(body, signal) {
  const response = await post("v1/ask", body, { headers: { Accept: "text/event-stream" }, signal });
  yield ["open", null];
  try {
    for await (const { name, data } of serverSentEvents(response.body)) {
      const content = JSON.parse(data);
      if (name === "error") throw new Problem(sentence(content.detail || content.title), content.status, content.type);
      yield [name, content];
      if (name === "answer") return;
    }
  } catch (error) {
    if (error instanceof TypeError) throw new Problem("The connection was lost before the answer was complete.", 0);
    throw error;
  }
  throw new Problem("The answer broke off before it was complete.", 0);
}

/** The server-sent events of a byte stream as `{name, data}`. Events without data, such as comments, are skipped. */
export async function* serverSentEvents(stream) {
  let name = "message", data = [];
  for await (const line of linesOf(stream)) {
    if (line === "") {
      if (data.some((text) => text !== "")) yield { name, data: data.join("\n") };
      name = "message";
      data = [];
      continue;
    }
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line); // a comment has an empty field name
    if (field === "event") name = value ?? "";
    if (field === "data") data.push(value ?? "");
  }
}

async function* linesOf(stream) {
  const source = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await source.read();
    rest += value ?? "";
    const lines = rest.split(done ? /\r\n|\r|\n/ : /\r\n|\r(?!$)|\n/); // a last "\r" may be half of a "\r\n"
    rest = lines.pop();
    yield* lines;
    if (done) return;
  }
}
