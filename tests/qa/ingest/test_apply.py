"""Articles into the archive, and the doctor who says what an interrupted or damaged one needs."""

import json
import shlex
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qa.ingest.apply
from embeddings.errors import EmbedderUnavailable
from embeddings.index import Vectors
from qa.archive.archive import Archive
from qa.archive.doctor import Finding, examine
from qa.archive.index import FILE, IndexCache
from qa.archive.sqlite import DATABASE, Store
from qa.bootstrap import open_retriever
from qa.errors import ArchiveBusy, EmbedderMismatch
from qa.ingest.apply import IngestReport, ingest_articles, reindex
from qa.ingest.files import Read, parse_record
from qa.types import Filters
from tests.conftest import WriteArticles, ingest
from tests.support.fakes import BagOfWordsEmbedder

STORM = {
    "id": "storm",
    "title": "Storm",
    "text": "A storm hit the port.",
    "published_at": "2022-01-10",
    "source": "H",
}
VOTE = {"id": "vote", "text": "The vote was close.", "published_at": "2022-01-11"}
CUP = {"id": "cup", "text": "The cup was won."}


class Outage(Exception):
    """What the embedder of a test raises."""


class BreakingEmbedder(BagOfWordsEmbedder):
    """Works for some windows, then fails once: as `kill -9` would, while it embeds."""

    def __init__(self, windows: int) -> None:
        super().__init__()
        self._left = windows

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if self._left == 0:
            self._left = -1
            raise Outage
        self._left -= 1
        return super().embed_passages(texts)


def embedded(archive: Archive) -> int:
    assert isinstance(archive.embedder, BagOfWordsEmbedder)
    return archive.embedder.embedded


def outcome(report: IngestReport) -> dict[str, int]:
    """The counts of a report that are not 0."""
    names = ("added", "updated", "amended", "unchanged", "deleted", "passages_embedded")
    counts = {name: getattr(report, name) for name in names} | {"skipped": len(report.skipped)}
    return {name: count for name, count in counts.items() if count}


def contents(folder: Path) -> list[tuple[Any, ...]]:
    """Everything that the archive holds but for when it was made, in order, keys and vectors too."""
    database = sqlite3.connect(folder / DATABASE)
    try:
        return [
            *database.execute("SELECT * FROM versions ORDER BY key"),
            *database.execute("SELECT * FROM passages ORDER BY id"),
            *database.execute("SELECT id, sz FROM lexical_docsize ORDER BY id"),
            *database.execute(
                "SELECT key, value FROM manifest WHERE key LIKE 'embedder%' ORDER BY key"
            ),
        ]
    finally:
        database.close()


def held(archive: Archive) -> list[str]:
    with archive.store.snapshot() as snapshot:
        return [stored.article.id for stored in snapshot.articles(Filters(), 10_000)]


def generation(archive: Archive) -> int:
    with archive.store.snapshot() as snapshot:
        return snapshot.generation


def long_article(number: int) -> dict[str, Any]:
    """330 words in sentences of ten: three passages."""
    sentences = [
        f"Report{number} sentence{line} tells of the old harbour and its ships."
        for line in range(33)
    ]
    return {"id": f"long{number}", "text": " ".join(sentences), "published_at": "2022-01-10"}


# What an ingest does


def test_new_articles_are_added_changed_ones_updated_or_amended_and_the_rest_left_alone(
    archive: Archive, write_articles: WriteArticles
) -> None:
    assert outcome(ingest(archive, write_articles(STORM, VOTE, CUP))) == {
        "added": 3,
        "passages_embedded": 3,
    }
    changed = [
        {**STORM, "source": "P", "authors": "Ann"},  # amended
        {**VOTE, "text": "The vote was very close."},  # updated
        CUP,  # unchanged
        {"id": "new", "text": "Something new."},  # added
    ]
    assert outcome(ingest(archive, write_articles(*changed))) == {
        "added": 1,
        "updated": 1,
        "amended": 1,
        "unchanged": 1,
        "passages_embedded": 2,
    }
    assert embedded(archive) == 3 + 2
    with archive.store.snapshot() as snapshot:
        assert (
            snapshot.article("storm").article.source,
            snapshot.article("storm").article.authors,
        ) == ("P", ("Ann",))
        assert snapshot.article("vote").article.text == "The vote was very close."
        counts = snapshot.counts()
        assert (counts.articles, counts.versions, counts.passages) == (4, 5, 5)


def test_a_changed_title_is_a_new_version_and_embedded_again(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(STORM))
    report = ingest(archive, write_articles({**STORM, "title": "Gale"}))
    assert outcome(report) == {"updated": 1, "passages_embedded": 1}
    (hit,) = open_retriever(archive).retrieve("gale", 5, Filters()).hits
    assert hit.scores.lexical is not None


def test_the_same_file_twice_changes_nothing_and_embeds_nothing(
    archive: Archive, write_articles: WriteArticles, tmp_path: Path
) -> None:
    path = write_articles(STORM, VOTE, long_article(1), CUP)
    ingest(archive, path)
    before, count = contents(tmp_path / "archive"), embedded(archive)
    index = (tmp_path / "archive" / FILE).read_bytes()
    for _ in range(2):
        assert outcome(ingest(archive, path)) == {"unchanged": 4}
    assert contents(tmp_path / "archive") == before
    assert (tmp_path / "archive" / FILE).read_bytes() == index
    assert embedded(archive) == count


def test_an_amendment_embeds_nothing_and_keeps_the_passages(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(STORM, long_article(1)))
    with archive.store.snapshot() as snapshot:
        ids = snapshot.passage_ids().tolist()
    count = embedded(archive)
    ingest(
        archive,
        write_articles(
            {**STORM, "url": "https://news.example/"}, {**long_article(1), "language": "en"}
        ),
    )
    with archive.store.snapshot() as snapshot:
        assert snapshot.passage_ids().tolist() == ids
    assert embedded(archive) == count


def test_of_two_articles_with_one_id_the_first_wins_and_the_second_is_reported(
    archive: Archive, write_articles: WriteArticles
) -> None:
    path = write_articles(STORM, VOTE, {**STORM, "text": "Another text."}, STORM)
    report = ingest(archive, path)
    assert outcome(report) == {"added": 2, "passages_embedded": 2, "skipped": 2}
    assert [(item.place, item.reason) for item in report.skipped] == [
        ("articles.jsonl:3", "id 'storm' was already read at articles.jsonl:1"),
        ("articles.jsonl:4", "id 'storm' was already read at articles.jsonl:1"),
    ]
    with archive.store.snapshot() as snapshot:
        assert snapshot.article("storm").article.text == STORM["text"]


def test_of_two_files_with_one_id_the_first_wins_too(
    archive: Archive, write_articles: WriteArticles
) -> None:
    one = write_articles(STORM, name="one.jsonl")
    other = write_articles({**STORM, "text": "Another text."}, CUP, name="other.jsonl")
    report = ingest(archive, one, other)
    assert [item.place for item in report.skipped] == ["other.jsonl:1"]
    assert outcome(report)["added"] == 2


def test_skipped_lines_and_warnings_are_named_and_the_rest_is_taken_in(
    archive: Archive, write_articles: WriteArticles
) -> None:
    late = {"id": "late", "text": "Late news.", "published_at": "6 hours ago"}
    report = ingest(archive, write_articles(STORM, "{broken", {"id": "empty"}, late))
    assert [item.place for item in report.skipped] == ["articles.jsonl:2", "articles.jsonl:3"]
    assert [(item.place, "6 hours ago" in item.reason) for item in report.warnings] == [
        ("articles.jsonl:4", True)
    ]
    assert held(archive) == ["storm", "late"]


def test_what_the_embedder_sees_is_title_and_passage_and_what_is_quoted_is_the_text(
    archive: Archive, write_articles: WriteArticles, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    original = BagOfWordsEmbedder.embed_passages

    def spy(self: BagOfWordsEmbedder, texts: Sequence[str]) -> Vectors:
        seen.extend(texts)
        return original(self, texts)

    monkeypatch.setattr(BagOfWordsEmbedder, "embed_passages", spy)
    ingest(archive, write_articles(STORM, CUP, {"id": "spaced", "text": "  Rain.\n\n"}))
    assert seen == ["Storm\nA storm hit the port.", "The cup was won.", "Rain."]
    with archive.store.snapshot() as snapshot:
        assert [passage.text for passage in snapshot.passages([1, 3])] == [
            "A storm hit the port.",
            "  Rain.\n\n",
        ]


def test_each_vector_is_stored_with_its_own_passage(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(*(long_article(number) for number in range(5))))
    with archive.store.snapshot() as snapshot:
        ids, vectors = snapshot.vectors_above(0, archive.embedder.dimension)
        passages = snapshot.passages(ids.tolist())
    assert len(passages) == 15
    for passage, vector in zip(passages, vectors, strict=True):
        assert np.array_equal(vector, archive.embedder.embed_question(passage.text))
    for number in range(5):
        own = [passage for passage in passages if passage.article.id == f"long{number}"]
        assert "".join(passage.text for passage in own) == long_article(number)["text"]


def test_articles_that_come_by_another_way_are_stored_alike(
    archive: Archive, tmp_path: Path
) -> None:
    reads = [Read(parse_record(record)[0], "request", "api") for record in (STORM, CUP)]
    assert outcome(ingest_articles(archive.store, archive.cache, archive.embedder, reads)) == {
        "added": 2,
        "passages_embedded": 2,
    }
    assert outcome(ingest_articles(archive.store, archive.cache, archive.embedder, reads)) == {
        "unchanged": 2
    }
    assert embedded(archive) == 2
    assert examine(archive) == []


def test_an_ingest_into_an_archive_of_another_embedder_is_refused_and_changes_nothing(
    archive: Archive, write_articles: WriteArticles
) -> None:
    path = write_articles(STORM)
    ingest(archive, path)
    before = generation(archive)
    stranger = Archive(archive.store, archive.cache, BagOfWordsEmbedder(64, name="stranger"))
    with pytest.raises(EmbedderMismatch, match="dateline reindex"):
        ingest(stranger, write_articles(VOTE))
    reads = [Read(parse_record(VOTE)[0], "request", "api")]
    with pytest.raises(EmbedderMismatch, match="dateline reindex"):
        ingest_articles(stranger.store, stranger.cache, stranger.embedder, reads)
    assert generation(archive) == before
    assert examine(archive) == []


def test_an_ingest_while_another_writes_is_refused_and_changes_nothing(
    archive: Archive, write_articles: WriteArticles
) -> None:
    path = write_articles(STORM)
    other = Store.open(archive.store.folder)
    with other.locked(), pytest.raises(ArchiveBusy):
        ingest(archive, path)
    other.close()
    assert (held(archive), generation(archive), embedded(archive)) == ([], 0, 0)


# --prune


def test_without_prune_what_is_gone_from_the_file_stays(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(STORM, VOTE))
    assert outcome(ingest(archive, write_articles(STORM))) == {"unchanged": 1}
    assert held(archive) == ["storm", "vote"]


def test_prune_deletes_what_the_path_no_longer_holds_and_nothing_of_other_paths(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(CUP, name="other.jsonl"))
    reads = [Read(parse_record({"id": "posted", "text": "Posted."})[0], "request", "api")]
    ingest_articles(archive.store, archive.cache, archive.embedder, reads)
    ingest(archive, write_articles(STORM, VOTE))
    report = ingest(archive, write_articles(STORM), prune=True)
    assert outcome(report) == {"unchanged": 1, "deleted": 1}
    assert report.not_pruned is None
    assert held(archive) == ["cup", "posted", "storm"]
    hits = open_retriever(archive).retrieve("vote close", 10, Filters()).hits
    assert "vote" not in {hit.passage.article.id for hit in hits}


def test_prune_of_a_folder_deletes_what_its_files_no_longer_hold(
    archive: Archive, tmp_path: Path
) -> None:
    folder = tmp_path / "notes"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.txt", "deep/b.txt", "c.md"):
        (folder / name).write_text(f"A note about {name}.")
    ingest(archive, folder)
    assert held(archive) == ["a.txt", "c.md", "deep/b.txt"]
    (folder / "deep" / "b.txt").unlink()
    (folder / "a.txt").write_text("A changed note.")
    assert outcome(ingest(archive, folder, prune=True)) == {
        "updated": 1,
        "unchanged": 1,
        "deleted": 1,
        "passages_embedded": 1,
    }
    assert sorted(held(archive)) == ["a.txt", "c.md"]


@pytest.mark.parametrize("spoilt", ["{broken", '{"id": "vote"}', json.dumps(STORM)])
def test_prune_deletes_nothing_when_a_line_was_skipped(
    archive: Archive, write_articles: WriteArticles, spoilt: str
) -> None:
    """The line that cannot be read may be the very article that would be deleted."""
    ingest(archive, write_articles(STORM, VOTE))
    report = ingest(archive, write_articles(STORM, spoilt), prune=True)
    assert (report.deleted, len(report.skipped)) == (0, 1)
    assert "nothing was pruned" in str(report.not_pruned)
    assert held(archive) == ["storm", "vote"]


def test_prune_keeps_what_another_path_of_the_same_run_holds(
    archive: Archive, write_articles: WriteArticles
) -> None:
    one, other = (
        write_articles(STORM, VOTE, name="one.jsonl"),
        write_articles(CUP, name="other.jsonl"),
    )
    ingest(archive, one, other)
    write_articles(STORM, name="one.jsonl")
    write_articles(CUP, VOTE, name="other.jsonl")
    assert outcome(ingest(archive, one, other, prune=True)) == {"unchanged": 3}
    assert sorted(held(archive)) == ["cup", "storm", "vote"]


@pytest.mark.parametrize("fields", [{}, {"source": "Post"}], ids=["unchanged", "amended"])
def test_prune_of_one_path_keeps_what_another_path_brought_since(
    archive: Archive, write_articles: WriteArticles, fields: dict[str, str]
) -> None:
    """An article belongs to the path that it was last ingested from."""
    one = write_articles(STORM, VOTE, name="one.jsonl")
    ingest(archive, one)
    ingest(archive, write_articles({**VOTE, **fields}, name="other.jsonl"))
    write_articles(STORM, name="one.jsonl")
    ingest(archive, one, prune=True)
    assert held(archive) == ["storm", "vote"]


# Windows: what was embedded is kept, whatever happens next


@pytest.fixture
def _small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qa.ingest.apply, "WINDOW", 6)  # two of the long articles


def corpus() -> list[dict[str, Any]]:
    return [long_article(number) for number in range(9)]


def fresh(folder: Path, embedder: BagOfWordsEmbedder) -> Archive:
    return Archive(
        Store.create(folder, embedder.name, embedder.digest, embedder.dimension),
        IndexCache(folder),
        embedder,
    )


@pytest.mark.usefixtures("_small_windows")
@pytest.mark.parametrize("windows", range(5))
def test_a_stop_in_any_window_keeps_the_windows_before_and_the_next_run_does_only_the_rest(
    tmp_path: Path, write_articles: WriteArticles, windows: int
) -> None:
    path = write_articles(*corpus())
    straight = fresh(tmp_path / "straight", BagOfWordsEmbedder())
    ingest(straight, path)
    straight.store.close()

    archive = fresh(tmp_path / "stopped", BreakingEmbedder(windows))
    with pytest.raises(Outage):
        ingest(archive, path)
    assert held(archive) == [f"long{number}" for number in range(2 * windows)]
    assert embedded(archive) == 6 * windows
    report = ingest(archive, path)
    assert (report.unchanged, report.added, report.passages_embedded) == (
        2 * windows,
        9 - 2 * windows,
        27 - 6 * windows,
    )
    assert embedded(archive) == 27
    assert examine(archive) == []
    archive.store.close()
    assert contents(tmp_path / "stopped") == contents(tmp_path / "straight")


@pytest.mark.usefixtures("_small_windows")
def test_updates_amendments_and_unchanged_ones_among_windows_are_each_done_once(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(*corpus()))
    records = corpus()
    records[1]["source"] = "Post"
    records[4]["text"] += " One more sentence."
    records[6]["text"] = "All new."
    records[8]["language"] = "en"
    report = ingest(archive, write_articles(*records, STORM))
    assert outcome(report) == {
        "added": 1,
        "updated": 2,
        "amended": 2,
        "unchanged": 5,
        "passages_embedded": 3 + 1 + 1,
    }
    for record in [*records, STORM]:
        with archive.store.snapshot() as snapshot:
            assert snapshot.article(record["id"]).article == parse_record(record)[0]


@pytest.mark.usefixtures("_small_windows")
def test_progress_is_told_after_each_window_with_what_is_stored_by_then(
    archive: Archive, write_articles: WriteArticles
) -> None:
    told: list[tuple[int, int]] = []
    ingest(
        archive,
        write_articles(*corpus()),
        on_progress=lambda report: told.append((report.passages_embedded, len(held(archive)))),
    )
    assert told == [(6, 2), (12, 4), (18, 6), (24, 8), (27, 9)]


# The doctor


def mend(archive: Archive, finding: Finding) -> None:
    """Do what the finding's command says."""
    command, verb, *paths = shlex.split(finding.mend)
    assert command == "dateline"
    if verb == "ingest":
        ingest(archive, *(Path(path) for path in paths))
    else:
        assert (verb, paths) == ("reindex", [])
        reindex(archive.store, archive.cache, archive.embedder)


def mends_to_health(archive: Archive) -> None:
    for finding in examine(archive):
        mend(archive, finding)
    assert examine(archive) == []


def test_an_archive_in_order_has_no_findings(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(STORM, VOTE, long_article(1)))
    assert examine(archive) == []
    ingest(archive, write_articles({**STORM, "text": "New."}))
    with archive.store.writing() as writer:
        writer.delete("vote")
    assert examine(archive) == []


@pytest.mark.usefixtures("_small_windows")
@pytest.mark.parametrize("name", ["feed.jsonl", "my feed's (1).jsonl"])
def test_an_interrupted_ingest_is_named_and_running_it_again_mends(
    tmp_path: Path, write_articles: WriteArticles, name: str
) -> None:
    path = write_articles(*corpus(), name=name)
    archive = fresh(tmp_path / "stopped", BreakingEmbedder(2))
    with pytest.raises(Outage):
        ingest(archive, path)
    interrupted = examine(archive)[0]
    assert str(path) in interrupted.fault
    assert "did not end; what it had stored is kept" in interrupted.fault
    assert shlex.split(interrupted.mend) == ["dateline", "ingest", str(path)]
    mend(archive, interrupted)
    assert examine(archive) == []
    assert len(held(archive)) == 9
    archive.store.close()


@pytest.mark.usefixtures("_small_windows")
def test_an_interrupted_ingest_is_not_forgotten_when_another_path_is_taken_in(
    tmp_path: Path, write_articles: WriteArticles
) -> None:
    path = write_articles(*corpus(), name="large.jsonl")
    archive = fresh(tmp_path / "stopped", BreakingEmbedder(1))
    with pytest.raises(Outage):
        ingest(archive, path)
    ingest(archive, write_articles(STORM, name="small.jsonl"))
    assert len(held(archive)) == 3
    assert [str(path) in finding.fault for finding in examine(archive)] == [True]
    mends_to_health(archive)
    assert len(held(archive)) == 10
    archive.store.close()


def _missing(path: Path) -> None:
    path.unlink()


def _corrupt(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


@pytest.mark.parametrize(
    ("spoil", "fault"), [(_missing, "is missing"), (_corrupt, "is cut short or altered")]
)
def test_a_missing_or_corrupt_index_is_named_and_reindex_mends_it_without_embedding(
    archive: Archive, write_articles: WriteArticles, spoil: Callable[[Path], None], fault: str
) -> None:
    ingest(archive, write_articles(STORM, VOTE))
    count = embedded(archive)
    spoil(archive.cache.path)
    (finding,) = examine(archive)
    assert (fault in finding.fault, finding.mend) == (True, "dateline reindex")
    mends_to_health(archive)
    assert embedded(archive) == count


def test_a_stale_index_is_named_and_reindex_mends_it_without_embedding(
    archive: Archive, write_articles: WriteArticles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.archive.index._SLACK_ROWS", 3)
    ingest(archive, write_articles(STORM))
    old = archive.cache.path.read_bytes()
    ingest(archive, write_articles(*(long_article(number) for number in range(3))))
    archive.cache.path.write_bytes(old)
    count = embedded(archive)
    (finding,) = examine(archive)
    assert finding == Finding(
        "the vector index is stale: 9 rows differ from the archive's 10", "dateline reindex"
    )
    mends_to_health(archive)
    assert embedded(archive) == count


def test_a_lexical_index_with_a_passage_too_few_is_named_and_reindex_mends_it(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(STORM, VOTE))
    with archive.store.writing() as writer:
        writer._db.execute(
            "INSERT INTO lexical (lexical, rowid, title, text) SELECT 'delete', id, title, text FROM passage_text"
            " WHERE id = 1"
        )
    (finding,) = examine(archive)
    assert finding == Finding("the lexical index holds 1 passages of 2", "dateline reindex")
    mends_to_health(archive)
    hits = open_retriever(archive).retrieve("storm", 1, Filters()).hits
    assert (hits[0].passage.article.id, hits[0].scores.lexical is not None) == ("storm", True)


def test_another_embedder_is_named_and_reindex_embeds_every_version_anew(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(STORM, long_article(1)))
    ingest(archive, write_articles({**STORM, "text": "A gale hit.", "updated_at": "2022-02-01"}))
    other = Archive(archive.store, archive.cache, BagOfWordsEmbedder(64, name="other"))
    (finding,) = examine(other)
    assert finding.mend == "dateline reindex"
    assert "'bag-of-words'" in finding.fault
    mend(other, finding)
    assert examine(other) == []
    assert embedded(other) == 5
    assert [item.mend for item in examine(archive)] == [
        "dateline reindex"
    ]  # now the old one is the stranger
    retriever = open_retriever(other)
    (first, *_) = retriever.retrieve("A gale hit.", 5, Filters()).hits
    assert first.passage.text == "A gale hit."
    (first, *_) = retriever.retrieve(
        "Storm A storm hit the port.", 5, Filters(as_of="2022-01-31")
    ).hits
    assert first.passage.text == "A storm hit the port."
    assert first.scores.dense == pytest.approx(1.0)
    with archive.store.snapshot() as snapshot:
        ids, vectors = snapshot.vectors_above(0, 64)
        assert vectors.shape == (5, 64)
        for passage, vector in zip(snapshot.passages(ids.tolist()), vectors, strict=True):
            title = f"{passage.article.title}\n" if passage.article.title else ""
            assert np.array_equal(vector, other.embedder.embed_question(title + passage.text))


def test_an_embedder_that_is_not_there_is_named(
    archive: Archive, write_articles: WriteArticles, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(archive, write_articles(STORM))

    def unavailable(*_: object) -> None:
        raise EmbedderUnavailable("embedder 'x' cannot be loaded: gone")

    monkeypatch.setattr("qa.archive.doctor.check_embedder", unavailable)
    (finding,) = examine(archive)
    assert finding.fault == "embedder 'x' cannot be loaded: gone"
    assert "DATELINE_EMBEDDER" in finding.mend


def test_a_new_version_of_the_splitter_is_named_refuses_writing_and_reindex_cuts_anew(
    archive: Archive, write_articles: WriteArticles, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(archive, write_articles(STORM, long_article(1)))
    text = long_article(1)["text"]
    monkeypatch.setattr(qa.ingest.apply, "CHUNKER_VERSION", 2)
    monkeypatch.setattr(
        qa.ingest.apply, "split", lambda article: [(0, 10), (10, len(article.text))]
    )
    (finding,) = examine(archive)
    assert "cut by version 1 of the splitter, this is version 2" in finding.fault
    with pytest.raises(EmbedderMismatch, match="cut and embed it anew with: dateline reindex"):
        ingest(archive, write_articles(VOTE))
    with pytest.raises(EmbedderMismatch):
        open_retriever(archive).retrieve("storm", 5, Filters())
    before = embedded(archive)
    mends_to_health(archive)
    assert embedded(archive) == before + 4
    with archive.store.snapshot() as snapshot:
        passages = snapshot.passages(snapshot.passage_ids().tolist())
        assert [passage.text for passage in passages if passage.article.id == "long1"] == [
            text[:10],
            text[10:],
        ]
    hits = open_retriever(archive).retrieve("sentence32", 5, Filters()).hits
    assert (hits[0].passage.start, hits[0].scores.lexical is not None) == (10, True)


def test_a_reindex_that_is_stopped_half_way_leaves_the_archive_as_it_was(
    archive: Archive, write_articles: WriteArticles, tmp_path: Path
) -> None:
    ingest(archive, write_articles(STORM, VOTE, CUP))
    before, count = contents(tmp_path / "archive"), generation(archive)

    class Other(BreakingEmbedder):
        digest = "f" * 64

        def __init__(self) -> None:
            BagOfWordsEmbedder.__init__(self)
            self.digest, self._left = "f" * 64, 2

    with pytest.raises(Outage):
        reindex(archive.store, archive.cache, Other())
    assert contents(tmp_path / "archive") == before
    assert generation(archive) == count
    assert examine(archive) == []


def test_reindex_with_nothing_changed_embeds_nothing_and_changes_no_hit(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(STORM, VOTE, long_article(1)))
    before = open_retriever(archive).retrieve("storm port", 10, Filters()).hits
    assert reindex(archive.store, archive.cache, archive.embedder) == 0
    assert open_retriever(archive).retrieve("storm port", 10, Filters()).hits == before


def test_a_passage_that_belongs_to_no_article_is_found_by_the_doctor(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(STORM, VOTE))
    database = sqlite3.connect(archive.store.folder / DATABASE)
    database.execute("DELETE FROM versions WHERE article_id = 'vote'")  # foreign keys are off here
    database.execute("UPDATE versions SET current = 0")
    database.commit()
    database.close()
    findings = examine(archive)
    assert [finding.fault for finding in findings] == [
        "1 passages belong to no article",
        "1 articles have not exactly one newest version",
    ]
    assert all("restore a backup" in finding.mend for finding in findings)
