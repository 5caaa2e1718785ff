-- An archive as Dateline 0.1.0 wrote it: its tables, two keys, three stored answers, one of them
-- of an article that was deleted since, and an article of two versions.
PRAGMA application_id = 1146375246;
PRAGMA user_version = 3;
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
    tokenize='porter unicode61 remove_diacritics 2'
);
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
INSERT INTO manifest VALUES ('archive_id', 'c8433acf88e04190a0f32725728ae7f8');
INSERT INTO manifest VALUES ('chunker_version', '1');
INSERT INTO manifest VALUES ('created_at', '2026-11-27T20:09:08+00:00');
INSERT INTO manifest VALUES ('dimension', '16');
INSERT INTO manifest VALUES ('embedder', 'bag-of-words');
INSERT INTO manifest VALUES ('embedder_digest', 'c3514b90e959a4a16b3847bb028341262895257142bee480e9e6e959f0dd7f61');
INSERT INTO manifest VALUES ('generation', '7');
INSERT INTO manifest VALUES ('last_deletion', '7');
INSERT INTO versions VALUES (1, 'bridge-1', 'a63a9de0ddc27301', 1, '/srv/news/one.jsonl', 1714978800.0, 1714978800.0, 'Coast Daily', 'en', 'Bridge opens at Hask', '2024-05-06T09:00:00+02:00', 'HASK, May 6 - The new Hask bridge was opened on Monday by mayor Ada Lind. It cost EUR 12 million, the council said.

The bridge replaces a ferry that carried 90 cars an hour.', '{"updated_at": null, "authors": ["Ines Marr"], "url": "https://coast-daily.example/bridge", "extra": {"section": "Local", "desk": "north"}}');
INSERT INTO versions VALUES (2, 'harbour-1', 'e00c9de2eeb1ac84', 0, '/srv/news/one.jsonl', 1718236800.0, 1718236800.0, 'Selm Post', NULL, 'Harbour strike ends', '2024-06-13', 'The strike of 340 dockers in Port Selm ended on Thursday after nine days, the union said.', '{"updated_at": null, "authors": [], "url": null, "extra": {}}');
INSERT INTO versions VALUES (4, 'undated-1', 'e9331ce481fa5f53', 1, '/srv/news/one.jsonl', NULL, NULL, NULL, NULL, 'About the lighthouse', NULL, 'The lighthouse of Cape Torv was built in 1871 and is 38 metres high.', '{"updated_at": null, "authors": [], "url": null, "extra": {}}');
INSERT INTO versions VALUES (5, 'harbour-1', 'e7db9824bd327098', 1, '/srv/news/two.jsonl', 1718236800.0, 1718323200.0, 'Selm Post', NULL, 'Harbour strike ends', '2024-06-13', 'The strike of 360 dockers in Port Selm ended on Thursday after nine days, the union said. It had first spoken of 340.', '{"updated_at": "2024-06-14", "authors": [], "url": null, "extra": {}}');
INSERT INTO sqlite_sequence VALUES ('versions', 5);
INSERT INTO sqlite_sequence VALUES ('passages', 5);
INSERT INTO sqlite_sequence VALUES ('answers', 3);
INSERT INTO passages VALUES (1, 1, 0, 174, X'00000000E8DC723E9BE8A13DE8DC723E9BE8213EC262CA3E9BE8213E9BE8213F9BE8A13D9BE8A13D00000000E8DC723E9BE8213EC262CA3E9BE8213E00000000');
INSERT INTO passages VALUES (2, 2, 0, 89, X'48598B3E0000000048590B3EEB05D13E0000000048598B3E00000000000000000000000048598B3E48590B3E48598B3E48590B3E9A2F2E3F48590B3E00000000');
INSERT INTO passages VALUES (4, 4, 0, 68, X'00000000CDCC4C3ECDCC4C3ECDCC4C3ECDCCCC3ECDCC4C3ECDCCCC3E0000000000000000CDCC4C3ECDCC4C3ECDCCCC3ECDCC4C3ECDCCCC3ECDCC4C3ECDCC4C3E');
INSERT INTO passages VALUES (5, 5, 0, 117, X'67C8743E0000000067C8F43D4D96B73E67C8743E67C8743E00000000000000000000000067C8743E67C8F43D4D96B73E67C8743E41FD183F67C8F43D67C8743E');
INSERT INTO answers VALUES (1, 'cd5bf4fe49a606c70ec6712c', '{"id":"cd5bf4fe49a606c70ec6712c","question":"How much did the Hask bridge cost?","form":"short","as_of":null,"status":"answered","reason":null,"reason_code":null,"answer":"It cost EUR 12 million, the council said.","statements":[{"text":"It cost EUR 12 million, the council said.","start":0,"end":41,"citations":[1]}],"short_answer":null,"confidence":0.9,"candidate":null,"citations":[{"n":1,"article_id":"bridge-1","version":"a63a9de0ddc27301","title":"Bridge opens at Hask","source":"Coast Daily","url":"https://coast-daily.example/bridge","published_at":"2024-05-06T09:00:00+02:00","passage_id":1,"quote":"It cost EUR 12 million, the council said.","start":74,"end":115}],"figures":[{"text":"EUR 12 million","kind":"money","value":"12000000","value_to":null,"unit":"EUR","bound":"exact","status":"supported","citation":1}],"timeline":[],"disagreements":[],"model":"first-sentence","index":{"generation":6,"embedder":"bag-of-words"},"timings_ms":{"retrieve":22.08,"evidence":29.17,"generate":1.49,"total":52.76}}');
INSERT INTO answers VALUES (2, 'f3f2b752f417b136231ccf6d', '{"id":"f3f2b752f417b136231ccf6d","question":"When did the old paper mill of Orrin burn down?","form":"short","as_of":null,"status":"answered","reason":"an article that this answer cites was deleted","reason_code":null,"answer":null,"statements":[],"short_answer":null,"confidence":0.9,"candidate":null,"citations":[{"n":1,"article_id":"mill-1","version":"0e2cee4591d9f275","title":null,"source":"Orrin Herald","url":null,"published_at":"2024-07-20","passage_id":3,"quote":"","start":0,"end":52}],"figures":[],"timeline":[],"disagreements":[],"model":"first-sentence","index":{"generation":6,"embedder":"bag-of-words"},"timings_ms":{"retrieve":2.05,"evidence":12.38,"generate":9.51,"total":23.97}}');
INSERT INTO answers VALUES (3, 'df4fd14708a81b58fb82889f', '{"id":"df4fd14708a81b58fb82889f","question":"How many dockers were on strike in Port Selm?","form":"short","as_of":"2024-06-13","status":"answered","reason":null,"reason_code":null,"answer":"The strike of 340 dockers in Port Selm ended on Thursday after nine days, the union said.","statements":[{"text":"The strike of 340 dockers in Port Selm ended on Thursday after nine days, the union said.","start":0,"end":89,"citations":[1]}],"short_answer":null,"confidence":0.9,"candidate":null,"citations":[{"n":1,"article_id":"harbour-1","version":"e00c9de2eeb1ac84","title":"Harbour strike ends","source":"Selm Post","url":null,"published_at":"2024-06-13","passage_id":2,"quote":"The strike of 340 dockers in Port Selm ended on Thursday after nine days, the union said.","start":0,"end":89}],"figures":[{"text":"340","kind":"number","value":"340","value_to":null,"unit":null,"bound":"exact","status":"supported","citation":1},{"text":"Thursday","kind":"date","value":"2024-06-13","value_to":null,"unit":null,"bound":"exact","status":"supported","citation":1},{"text":"nine days","kind":"duration","value":"P9D","value_to":null,"unit":null,"bound":"exact","status":"supported","citation":1}],"timeline":[],"disagreements":[],"model":"first-sentence","index":{"generation":6,"embedder":"bag-of-words"},"timings_ms":{"retrieve":2.07,"evidence":5.51,"generate":4.55,"total":23.08}}');
INSERT INTO quoted VALUES ('bridge-1', 1);
INSERT INTO quoted VALUES ('harbour-1', 3);
INSERT INTO keys VALUES ('key_025b7327', 'reader', 'dde667705e095f373750f7f3632e09f19ba5230241f2c89f82267c4c3dad6fb2', '["ask", "read"]', '2026-11-27T20:09:09+00:00', NULL);
INSERT INTO keys VALUES ('key_e88b86f9', 'editor', '0ec46b5e1e06d3e1e77d092f1fee630f7fef2fc3b72b9959ab811c34a47feb16', '["ingest"]', '2026-11-27T20:09:09+00:00', '2026-11-27T20:09:09+00:00');
INSERT INTO lexical (lexical) VALUES ('rebuild');
