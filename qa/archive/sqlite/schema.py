"""The tables of an archive, and the steps from one schema version to the next."""

import sqlite3
from collections.abc import Iterator

from qa.archive.bm25 import TOKENIZER

SCHEMA_VERSION = 9
APPLICATION_ID = 0x44544C4E  # "DTLN": marks the file as ours

SCHEMA = f"""
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE versions (
    key INTEGER PRIMARY KEY AUTOINCREMENT,   -- ascends in the order of ingestion; never reused
    article_id TEXT NOT NULL,
    version TEXT NOT NULL,                   -- hash of title and text
    current INTEGER NOT NULL,                -- 1: the newest of its article
    origin TEXT,                             -- the path it was ingested from
    published REAL,                          -- seconds since 1970; NULL: undated
    dated REAL,                              -- when it appeared: updated_at, else published_at
    source TEXT, language TEXT, title TEXT, published_at TEXT,
    text TEXT NOT NULL,
    record TEXT NOT NULL                     -- the article's other fields, as JSON
);
CREATE INDEX versions_by_article ON versions (article_id, key);
CREATE INDEX versions_current ON versions (current, published, key);
CREATE INDEX versions_by_origin ON versions (origin) WHERE current;

CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,    -- ascends; never reused, as index files rely on it
    version_key INTEGER NOT NULL REFERENCES versions (key),
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    vector BLOB NOT NULL                     -- float32, unit length
);
CREATE INDEX passages_by_version ON passages (version_key);

CREATE VIEW passage_text AS
    SELECT p.id AS id, coalesce(v.title, '') AS title,
           substr(v.text, p.start + 1, p.end - p.start) AS text
    FROM passages p JOIN versions v ON v.key = p.version_key;
CREATE VIRTUAL TABLE lexical USING fts5 (
    title, text, content='passage_text', content_rowid='id',
    tokenize='{TOKENIZER}'
);
"""

# Statements that bring a database from each schema version to the next.
MIGRATIONS = {
    1: """
CREATE TABLE answers (
    key INTEGER PRIMARY KEY AUTOINCREMENT,   -- ascends in the order of storing
    id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL                       -- a `qa.answer.Answer`, as JSON
);
CREATE TABLE quoted (
    article_id TEXT NOT NULL,
    answer_key INTEGER NOT NULL REFERENCES answers (key) ON DELETE CASCADE,
    PRIMARY KEY (article_id, answer_key)
) WITHOUT ROWID;
CREATE INDEX quoted_by_answer ON quoted (answer_key);
""",
    2: """
CREATE TABLE keys (                          -- see `qa.archive.keys`
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,             -- sha256 of the secret
    scopes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    revoked_at TEXT
) WITHOUT ROWID;
CREATE TABLE jobs (                          -- see `qa.archive.jobs`
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    error TEXT,
    total INTEGER NOT NULL
);
CREATE TABLE job_articles (
    job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    record TEXT,                             -- the request's JSON; NULL once it is stored
    result TEXT,                             -- a `qa.ingest.plan.Outcome`, JSON; NULL until then
    PRIMARY KEY (job, position)
) WITHOUT ROWID;
CREATE INDEX jobs_unfinished ON jobs (number) WHERE status IN ('queued', 'running');
""",
    3: """
ALTER TABLE versions ADD COLUMN section TEXT;
ALTER TABLE versions ADD COLUMN status TEXT NOT NULL DEFAULT 'usable';
ALTER TABLE versions ADD COLUMN embargoed REAL;   -- seconds since 1970; not seen before
ALTER TABLE versions ADD COLUMN expires REAL;     -- not seen from then on
ALTER TABLE versions ADD COLUMN corrects TEXT;    -- the id of the article that it corrects
ALTER TABLE versions ADD COLUMN received REAL;    -- when it was stored; NULL: before schema 4
CREATE INDEX versions_withdrawn ON versions (article_id) WHERE current AND status != 'usable';
CREATE INDEX versions_embargoed ON versions (embargoed) WHERE embargoed NOT NULL;
CREATE INDEX versions_expiring ON versions (expires) WHERE current AND expires NOT NULL;
CREATE INDEX versions_correcting ON versions (corrects) WHERE corrects NOT NULL;
-- Until now these were keys that Dateline did not use.
UPDATE versions SET section = json_extract(record, '$.extra.section'),
    record = json_remove(json_set(record, '$.section', json_extract(record, '$.extra.section')),
                         '$.extra.section')
    WHERE json_type(record, '$.extra.section') = 'text';
UPDATE versions SET
    record = json_remove(json_set(record, '$.rights', json_extract(record, '$.extra.rights')),
                         '$.extra.rights')
    WHERE json_type(record, '$.extra.rights') = 'text';
UPDATE versions SET status = json_extract(record, '$.extra.status'),
    record = json_remove(json_set(record, '$.status', json_extract(record, '$.extra.status')),
                         '$.extra.status')
    WHERE json_extract(record, '$.extra.status') IN ('usable', 'withheld', 'canceled');
""",
    4: """
ALTER TABLE answers ADD COLUMN filters TEXT;   -- the question's `qa.types.Filters`, as JSON
CREATE TABLE watches (                       -- see `qa.archive.watches`
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    question TEXT NOT NULL,
    form TEXT,                               -- NULL: the question's own
    filters TEXT NOT NULL,                   -- a `qa.types.Filters`, as JSON
    created_at TEXT NOT NULL,
    answer_id TEXT,                          -- the last answer; NULL: not asked yet
    fingerprint TEXT,                        -- a hash of what it says
    passages INTEGER NOT NULL DEFAULT 0,     -- those up to this id were compared
    looked_at REAL NOT NULL DEFAULT 0,       -- when, in seconds since 1970
    generation INTEGER NOT NULL DEFAULT -1   -- of the archive then
);
CREATE TABLE watch_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    watch INTEGER NOT NULL REFERENCES watches (number) ON DELETE CASCADE,
    old_answer TEXT NOT NULL,
    new_answer TEXT NOT NULL,
    created_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,     -- to deliver it
    next_attempt REAL NOT NULL DEFAULT 0,    -- not before, in seconds since 1970
    delivered_at TEXT                        -- when the webhook took it
);
CREATE INDEX watch_events_by_watch ON watch_events (watch);
""",
    5: """
CREATE TABLE feeds (                         -- see `qa.archive.feeds`
    url TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    every INTEGER NOT NULL,                  -- seconds
    etag TEXT, last_modified TEXT,
    added_at REAL NOT NULL,                  -- these times: seconds since 1970
    last_checked_at REAL, last_success_at REAL,
    last_outcome TEXT, ok INTEGER,           -- of the last check; NULL before the first
    next_due REAL NOT NULL,
    checks INTEGER NOT NULL DEFAULT 0,
    articles INTEGER NOT NULL DEFAULT 0      -- added or updated, in all
) WITHOUT ROWID;
CREATE TABLE feed_items (
    feed TEXT NOT NULL REFERENCES feeds (url) ON DELETE CASCADE,
    guid TEXT NOT NULL,
    digest TEXT NOT NULL,                    -- of the entry as it was when its page was read
    article_id TEXT,                         -- NULL: not stored
    failures INTEGER NOT NULL,
    PRIMARY KEY (feed, guid)
) WITHOUT ROWID;
CREATE TABLE source_aliases (                -- see `qa.archive.sources`
    alias TEXT PRIMARY KEY,                  -- casefolded
    source TEXT NOT NULL                     -- never an alias itself
) WITHOUT ROWID;
""",
    6: """
CREATE TABLE runs (                          -- see `qa.archive.copies`
    run INTEGER NOT NULL,                    -- hash of three words in a row
    version_key INTEGER NOT NULL REFERENCES versions (key) ON DELETE CASCADE,
    PRIMARY KEY (run, version_key)
) WITHOUT ROWID;
CREATE INDEX runs_by_version ON runs (version_key);
CREATE TABLE copies (                        -- each pair in both directions
    version_key INTEGER NOT NULL REFERENCES versions (key) ON DELETE CASCADE,
    copy_key INTEGER NOT NULL REFERENCES versions (key) ON DELETE CASCADE,
    PRIMARY KEY (version_key, copy_key)
) WITHOUT ROWID;
CREATE INDEX copies_by_copy ON copies (copy_key);
""",
    7: """
-- An `as_of` sees a version where visible_from <= as_of < visible_until; see `intervals` in
-- `qa.archive.visibility`.
ALTER TABLE versions ADD COLUMN visible_from REAL;
ALTER TABLE versions ADD COLUMN visible_until REAL;
ALTER TABLE versions ADD COLUMN visible_until_undated REAL;   -- where undated ones are included
ALTER TABLE versions ADD COLUMN first_passage INTEGER;        -- its passages: all from this id …
ALTER TABLE versions ADD COLUMN last_passage INTEGER;         -- … to this one; NULL: scattered
CREATE TEMP TABLE appearing AS SELECT key, article_id,
    published IS NULL AND dated IS NULL AS undated,
    max(coalesce(published, -9e999), coalesce(dated, -9e999),
        coalesce(embargoed, -9e999)) AS moment
    FROM versions;
CREATE TEMP TABLE seen AS SELECT key, moment,
    CASE WHEN undated THEN -9e999 ELSE
        coalesce(min(CASE WHEN undated THEN 9e999 ELSE moment END) OVER later, 9e999) END AS ends,
    coalesce(min(moment) OVER later, 9e999) AS ends_undated
    FROM appearing WINDOW later AS (PARTITION BY article_id ORDER BY key
        ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING);
CREATE TEMP TABLE cut AS SELECT version_key, min(id) AS first, max(id) AS last
    FROM passages GROUP BY version_key HAVING max(id) - min(id) + 1 = count(*);
CREATE INDEX temp.seen_by_key ON seen (key);
CREATE INDEX temp.cut_by_key ON cut (version_key);
UPDATE versions SET (visible_from, visible_until, visible_until_undated)
    = (SELECT moment, ends, ends_undated FROM temp.seen WHERE seen.key = versions.key);
UPDATE versions SET (first_passage, last_passage)
    = (SELECT first, last FROM temp.cut WHERE cut.version_key = versions.key);
DROP TABLE temp.appearing;
DROP TABLE temp.seen;
DROP TABLE temp.cut;
-- All that filters ask for but authors, so that the texts beside it are not read.
CREATE INDEX versions_visible ON versions (visible_from, visible_until, visible_until_undated,
    published, article_id, source, section, language, first_passage, last_passage);
DROP INDEX versions_current;
CREATE INDEX versions_current ON versions (published, key,
    article_id, source, section, language, first_passage, last_passage) WHERE current;
-- So that SQLite does not take it for "current" alone.
DROP INDEX versions_by_origin;
CREATE INDEX versions_by_origin ON versions (origin) WHERE current AND origin NOT NULL;
CREATE TABLE embedded_anew (                 -- by a reindex that has not ended
    version_key INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (version_key, start)
);
""",
    8: """
-- qa.archive.visibility: who may see an article
ALTER TABLE versions ADD COLUMN rights TEXT;
UPDATE versions SET rights = json_extract(record, '$.rights')
    WHERE json_type(record, '$.rights') = 'text';
CREATE INDEX versions_by_rights ON versions (rights, current, article_id) WHERE rights NOT NULL;
ALTER TABLE answers ADD COLUMN hidden TEXT;   -- the rights whose articles it did not see, as JSON
-- qa.archive.keys
ALTER TABLE keys ADD COLUMN rights TEXT NOT NULL DEFAULT '[]';
ALTER TABLE keys ADD COLUMN questions_per_day INTEGER;   -- NULL: as many as it likes
ALTER TABLE keys ADD COLUMN tokens_per_day INTEGER;
-- qa.archive.requests
CREATE TABLE requests (
    id TEXT PRIMARY KEY,                     -- hash of the caller and the Idempotency-Key
    fingerprint TEXT NOT NULL,               -- hash of what was asked for
    run TEXT NOT NULL UNIQUE,                -- names the work, and its response
    begun REAL NOT NULL,                     -- these times: seconds since 1970
    held_until REAL,                         -- the worker is dead by then; NULL: done
    result TEXT,                             -- JSON; NULL: not done, or an article was deleted
    answer_id TEXT                           -- the stored answer, where the result is one
) WITHOUT ROWID;
CREATE INDEX requests_by_time ON requests (begun);
CREATE INDEX requests_with_text ON requests (answer_id) WHERE result NOT NULL;
CREATE TABLE responses (                     -- of /v1/responses
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    created_at REAL NOT NULL,                -- seconds since 1970
    answer_id TEXT NOT NULL,
    details TEXT NOT NULL                    -- JSON: token counts, and what the request said
);
-- qa.archive.feedback
CREATE TABLE feedback (
    answer_id TEXT NOT NULL,                 -- of `answers`, which may store it anew
    given_by TEXT NOT NULL,
    verdict TEXT NOT NULL,
    correction TEXT, reason TEXT,
    given_at REAL NOT NULL,                  -- seconds since 1970
    PRIMARY KEY (answer_id, given_by)
) WITHOUT ROWID;
CREATE INDEX feedback_by_time ON feedback (given_at);
-- qa.archive.audit
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    asked_at REAL NOT NULL, expires_at REAL NOT NULL,   -- seconds since 1970
    interface TEXT NOT NULL,
    key_id TEXT, name TEXT,
    question TEXT NOT NULL,
    status TEXT NOT NULL,
    answer_id TEXT                           -- NULL: not answered
);
CREATE INDEX audit_by_time ON audit (asked_at);
-- qa.archive.asked
CREATE TABLE asked (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    day REAL NOT NULL, expires_at REAL NOT NULL,   -- seconds since 1970; no time of the day
    question TEXT NOT NULL,                  -- without addresses and telephone numbers
    answered INTEGER NOT NULL
);
CREATE INDEX asked_by_day ON asked (day);
-- See `qa.archive.suggestions`. Made anew from the articles where it is lost.
CREATE TABLE suggestions (
    question TEXT PRIMARY KEY,
    article_id TEXT NOT NULL,                -- of the report that it was made from
    version TEXT NOT NULL,
    asked_at REAL NOT NULL,                  -- seconds since 1970
    confidence REAL                          -- of the answer; NULL: it was not answered well
) WITHOUT ROWID;
CREATE INDEX suggestions_by_article ON suggestions (article_id);
""",
}


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: `executescript` would commit between them."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
