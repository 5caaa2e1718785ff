// Offsets, days and waits in words: pure functions.

/** The index in UTF-16 units, as JavaScript counts, after a number of Unicode code points. */
export function codeUnits(text, codePoints) {
  let units = 0;
  for (let left = codePoints; left > 0 && units < text.length; left -= 1) {
    units += text.codePointAt(units) > 0xffff ? 2 : 1;
  }
  return units;
}

/** `text[start:end]` as Python cuts it. */
export function slice(text, start, end) {
  return text.slice(codeUnits(text, start), codeUnits(text, end));
}

/** As a sentence: a capital first, a full stop last. */
export function sentence(text) {
  const trimmed = text.trim();
  const stop = /[.!?…]$/.test(trimmed) ? "" : ".";
  return trimmed && trimmed[0].toUpperCase() + trimmed.slice(1) + stop;
}

export function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** The seconds that a `Retry-After` header asks to wait; 0 without one. */
export function secondsUntil(header, now = Date.now()) {
  if (!header) return 0;
  return /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1000);
}

/** A `Retry-After` header in words: it holds seconds, or the time at which to come back. */
export function wait(header, now = Date.now()) {
  const seconds = secondsUntil(header, now);
  if (!header || Number.isNaN(seconds)) return "";
  if (seconds <= 0) return "Try again now.";
  if (seconds < 120) return `Try again in ${counted(seconds, "second")}.`;
  if (seconds < 7200) return `Try again in ${counted(Math.ceil(seconds / 60), "minute")}.`;
  return `Try again in ${counted(Math.ceil(seconds / 3600), "hour")}.`;
}

/** The day of an ISO 8601 time, as it was where the report appeared; anything else as it is. */
export function dayInWords(iso) {
  const day = /^\d{4}-\d{2}-\d{2}/.exec(iso ?? "")?.[0];
  const moment = Date.parse(day);
  if (Number.isNaN(moment)) return iso || "undated";
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(moment);
}

export function timeOfDay(iso) {
  const [, time, zone] = /T(\d{2}:\d{2})(?::[\d.]+)?(Z|[+-]\d{2}:\d{2})?$/.exec(iso ?? "") ?? [];
  if (!time) return "";
  return `, ${time} UTC${!zone || zone === "Z" || zone === "+00:00" ? "" : zone.replace("-", "−")}`;
}

/** Milliseconds since 1970; a time without a zone is UTC, as for the service. */
export function instant(iso) {
  return Date.parse(/T[^Z+-]*$/.test(iso) ? `${iso}Z` : iso);
}

/** "21.7 s", and how much of it was spent waiting where that is more than a second. */
export function duration(waited, worked) {
  const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
  const queued = waited - worked;
  return seconds(waited) + (queued > 1000 ? `, ${seconds(queued)} of it waiting` : "");
}
