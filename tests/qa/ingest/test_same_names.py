"""Files of one name in two folders: their articles have one id, and the same place."""

from pathlib import Path

from qa.archive.archive import Archive
from tests.support.archives import ingest


def test_of_two_files_of_one_name_the_first_wins_and_the_second_is_reported(
    archive: Archive, tmp_path: Path
) -> None:
    """Stored both, the passages of one were offsets into the text of the other."""
    folders = [tmp_path / "north", tmp_path / "south"]
    texts = ["The mayor of Hask resigned.", "Floods hit Marlow Bay. " * 40]
    for folder, text in zip(folders, texts, strict=True):
        folder.mkdir()
        (folder / "notes.txt").write_text(text, "utf-8")
    report = ingest(archive, *folders)
    assert (report.added, [item.place for item in report.skipped]) == (1, ["notes.txt"])
    with archive.snapshot() as snapshot:
        passages = snapshot.passages(snapshot.passage_ids().tolist())
    assert [passage.text for passage in passages] == [texts[0]]
