"""Articles into the store: what an ingest changes, and what an interruption keeps."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from embeddings.index import Vectors
from qa.archive.archive import Archive
from qa.archive.doctor import examine
from qa.archive.sqlite.index import FILE
from qa.bootstrap import open_retriever
from qa.errors import ArchiveBusy, EmbedderMismatch
from qa.ingest.apply import Progress
from qa.ingest.files import Read, parse_record
from qa.ingest.passages import embedded_text
from qa.question import Question
from tests.support.archives import WriteArticles, ingest
from tests.support.fakes import BagOfWordsEmbedder
from tests.support.ingests import (
    CUP,
    STORM,
    VOTE,
    BreakingEmbedder,
    Outage,
    contents,
    corpus,
    embedded,
    fresh,
    generation,
    held,
    long_article,
    outcome,
)
from tests.support.stores import opened_again

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
    (hit,) = open_retriever(archive).retrieve(Question.parse("gale", k=5)).hits
    assert hit.scores.lexical is not None


def test_the_same_file_twice_changes_nothing_and_embeds_nothing(
    archive: Archive, write_articles: WriteArticles, tmp_path: Path
) -> None:
    path = write_articles(STORM, VOTE, long_article(1), CUP)
    ingest(archive, path)
    before, count = contents(archive), embedded(archive)
    index = [path.read_bytes() for path in tmp_path.glob(f"archive/{FILE}")]
    for _ in range(2):
        assert outcome(ingest(archive, path)) == {"unchanged": 4}
    assert contents(archive) == before
    assert [path.read_bytes() for path in tmp_path.glob(f"archive/{FILE}")] == index
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


def test_articles_that_come_by_another_way_are_stored_alike(archive: Archive) -> None:
    reads = [
        Read(parse_record(record)[0], f"articles[{number}]", "")
        for number, record in enumerate((STORM, CUP))
    ]
    first, second = archive.put(reads), archive.put(reads)
    assert [step.status for step in first.steps] == ["added", "added"]
    assert [step.status for step in second.steps] == ["unchanged", "unchanged"]
    assert (first.passages_embedded, second.passages_embedded, embedded(archive)) == (2, 0, 2)
    assert examine(archive) == []


def test_an_ingest_into_an_archive_of_another_embedder_is_refused_and_changes_nothing(
    archive: Archive, write_articles: WriteArticles
) -> None:
    path = write_articles(STORM)
    ingest(archive, path)
    before = generation(archive)
    stranger = Archive(archive.store, BagOfWordsEmbedder(64, name="stranger"))
    with pytest.raises(EmbedderMismatch, match="dateline reindex"):
        ingest(stranger, write_articles(VOTE))
    reads = [Read(parse_record(VOTE)[0], "request", "api")]
    with pytest.raises(EmbedderMismatch, match="dateline reindex"):
        stranger.put(reads)
    assert generation(archive) == before
    assert examine(archive) == []


def test_an_ingest_while_another_writes_is_refused_and_changes_nothing(
    archive: Archive, write_articles: WriteArticles
) -> None:
    path = write_articles(STORM)
    other = opened_again(archive.store)
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
    archive.put(reads)
    ingest(archive, write_articles(STORM, VOTE))
    report = ingest(archive, write_articles(STORM), prune=True)
    assert outcome(report) == {"unchanged": 1, "deleted": 1}
    assert report.not_pruned is None
    assert held(archive) == ["cup", "posted", "storm"]
    hits = open_retriever(archive).retrieve(Question.parse("vote close")).hits
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
    monkeypatch.setattr("qa.ingest.plan.WINDOW", 6)  # two of the long articles


@pytest.mark.usefixtures("_small_windows")
@pytest.mark.parametrize("windows", range(5))
def test_a_stop_in_any_window_keeps_the_windows_before_and_the_next_run_does_only_the_rest(
    tmp_path: Path, write_articles: WriteArticles, windows: int
) -> None:
    path = write_articles(*corpus())
    straight = fresh(tmp_path / "straight", BagOfWordsEmbedder())
    ingest(straight, path)
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
    assert contents(archive) == contents(straight)
    archive.store.close()
    straight.store.close()


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
def test_progress_counts_what_is_read_and_embedded_from_the_first_article_on(
    archive: Archive, write_articles: WriteArticles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.ingest.apply.EMBEDDED_AT_ONCE", 4)
    seen: list[tuple[int, int, int, int]] = []
    ingest(
        archive,
        write_articles(*corpus()[:3]),
        on_progress=lambda progress: seen.append(
            (progress.read, progress.passages, progress.articles, len(held(archive)))
        ),
    )
    # Windows of two articles and one; batches of four, two and three passages.
    assert seen == [
        (1, 0, 0, 0),
        (2, 0, 0, 0),
        (2, 4, 0, 0),
        (2, 6, 0, 0),
        (2, 6, 2, 2),
        (3, 6, 2, 2),
        (3, 9, 2, 2),
        (3, 9, 3, 3),
    ]


# Reindexing


class OtherEmbedder(BreakingEmbedder):
    """An embedder with other weights, which fails once after so many pages; -1: never."""

    def __init__(self, pages: int) -> None:
        super().__init__(pages)
        self.digest = "f" * 64


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.ingest.apply.REINDEXED_AT_ONCE", 2)


def test_a_reindex_that_is_stopped_half_way_leaves_the_archive_as_it_was(
    archive: Archive, write_articles: WriteArticles, small_pages: None
) -> None:
    ingest(archive, write_articles(STORM, VOTE, CUP))
    before, count = contents(archive), generation(archive)
    with pytest.raises(Outage):
        Archive(archive.store, OtherEmbedder(1)).reindex()
    assert contents(archive) == before
    assert generation(archive) == count
    assert examine(archive) == []
    assert ingest(archive, write_articles(STORM, VOTE, CUP)).passages_embedded == 0


def test_a_reindex_that_was_stopped_goes_on_with_the_page_that_was_lost(
    archive: Archive, write_articles: WriteArticles, tmp_path: Path, small_pages: None
) -> None:
    articles = [STORM, VOTE, CUP, *(long_article(number) for number in range(4))]
    whole = fresh(tmp_path / "whole", BagOfWordsEmbedder())
    for one in (archive, whole):
        ingest(one, write_articles(*articles))
    seen: list[tuple[int, int]] = []
    with pytest.raises(Outage):
        Archive(archive.store, OtherEmbedder(2)).reindex(lambda *done: seen.append(done))
    assert seen == [(0, 7), (2, 7), (4, 7)]
    again = Archive(archive.store, OtherEmbedder(-1))
    seen.clear()
    assert again.reindex(lambda *done: seen.append(done)) == 9  # three articles of three passages
    assert seen[:3] == [(4, 7), (6, 7), (7, 7)]
    assert Archive(whole.store, OtherEmbedder(-1)).reindex() == 15
    assert contents(again) == contents(Archive(whole.store, OtherEmbedder(-1)))
    assert examine(again) == []
    whole.store.close()


def test_what_is_written_between_a_stopped_reindex_and_the_next_is_embedded_anew_too(
    archive: Archive, write_articles: WriteArticles, tmp_path: Path, small_pages: None
) -> None:
    ingest(archive, write_articles(STORM, VOTE, CUP))
    with pytest.raises(Outage):
        Archive(archive.store, OtherEmbedder(1)).reindex()
    archive.delete(STORM["id"])
    changed = {**VOTE, "language": "de"}  # by which it may be cut differently
    ingest(archive, write_articles(changed, {**CUP, "text": "The cup was lost."}))
    again = Archive(archive.store, OtherEmbedder(-1))
    assert again.reindex() == 3  # the vote, and both versions of the cup
    assert examine(again) == []
    assert sorted(held(again)) == sorted([VOTE["id"], CUP["id"]])
    with archive.snapshot() as snapshot:
        ids, vectors = snapshot.vectors_above(0, again.embedder.dimension)
        passages = snapshot.passages(ids.tolist())
    for passage, vector in zip(passages, vectors, strict=True):
        text = embedded_text(passage.article, (passage.start, passage.end))
        assert np.array_equal(vector, again.embedder.embed_question(text))


def test_another_embedder_than_that_of_the_stopped_reindex_begins_again(
    archive: Archive, write_articles: WriteArticles, small_pages: None
) -> None:
    ingest(archive, write_articles(STORM, VOTE, CUP))
    with pytest.raises(Outage):
        Archive(archive.store, OtherEmbedder(1)).reindex()
    third = OtherEmbedder(-1)
    third.digest = "e" * 64
    assert Archive(archive.store, third).reindex() == 3
    assert examine(Archive(archive.store, third)) == []


def test_reindex_with_nothing_changed_embeds_nothing_and_changes_no_hit(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(STORM, VOTE, long_article(1)))
    before = open_retriever(archive).retrieve(Question.parse("storm port")).hits
    assert archive.reindex() == 0
    assert open_retriever(archive).retrieve(Question.parse("storm port")).hits == before


# Beside other writers


def test_the_first_articles_are_stored_long_before_a_large_ingest_ends(
    tmp_path: Path, write_articles: WriteArticles
) -> None:
    archive = fresh(tmp_path / "stopped", BreakingEmbedder(2))
    with pytest.raises(Outage):  # as Ctrl-C after the first seconds
        ingest(archive, write_articles(*(long_article(number) for number in range(400))))
    assert held(archive) == [f"long{number}" for number in range(22)]  # 66 passages
    archive.store.close()


def test_another_writer_gets_its_turn_between_windows(
    archive: Archive, write_articles: WriteArticles
) -> None:
    other = opened_again(archive.store)  # as another process

    def write(_: Progress) -> None:
        with other.writing() as writer:
            writer.note("visits", str(int(writer.manifest.get("visits", 0)) + 1))

    ingest(archive, write_articles(STORM, VOTE), on_progress=write)
    with archive.snapshot() as snapshot:
        assert snapshot.manifest["visits"] == "4"  # two articles read, a batch, a window
    other.close()
