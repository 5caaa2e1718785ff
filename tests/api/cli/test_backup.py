"""`dateline backup`: where it may write."""

from pathlib import Path

from tests.support.cli import LocalCli


def test_a_backup_into_a_missing_folder_is_refused_by_its_own_name(
    model_cache: Path, tmp_path: Path
) -> None:
    """Not by that of the partial file, which nobody asked for."""
    cli = LocalCli(tmp_path, model_cache)
    cli("keys", "create", "operator")
    said = cli.refused("backup", "nowhere/archive.sqlite3")
    assert said == ("dateline: cannot write nowhere/archive.sqlite3: there is no folder nowhere\n")
