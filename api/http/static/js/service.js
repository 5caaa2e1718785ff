// Requests to the service, its key, its errors and its event streams.

import { sentence, wait } from "./text.js";

const KEY = "dateline-key"; // where this tab stores an API key
const RETRYABLE = new Set([0, 408, 429, 500, 502, 503, 504]);

export class Problem extends Error {
  /** `code` is HTTP's; 0 where there was no answer. */
  constructor(message, code) {
    super(message);
    this.code = code;
  }

  /** The same request may succeed later. */
  get isRetryable() {
    return RETRYABLE.has(this.code);
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
  const { detail, title } = await response.json().catch(() => ({}));
  const said = sentence(String(detail || title || `The service answered with status ${response.status}`));
  const again = /try again in/i.test(said) ? "" : wait(response.headers.get("Retry-After"));
  return new Problem(`${said} ${again}`.trim(), response.status);
}

export async function json(path) {
  return (await request(path)).json();
}

/** The events of an answer: `[name, content]`, "open" when the response begins. Throws an error event. */
export async function* answerEvents(body, signal) {
  const headers = { "Content-Type": "application/json", Accept: "text/event-stream" };
  const response = await request("v1/ask", { method: "POST", headers, body: JSON.stringify(body), signal });
  yield ["open", null];
  try {
    for await (const { name, data } of serverSentEvents(response.body)) {
      const content = JSON.parse(data);
      if (name === "error") throw new Problem(sentence(content.detail || content.title), content.status);
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
