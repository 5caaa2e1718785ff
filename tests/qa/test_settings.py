"""Settings: variables over the file over the defaults, and what is wrong is named."""

from pathlib import Path

import pytest

from qa.errors import BadInput
from qa.settings import FILE, Settings


def test_a_variable_counts_over_the_file_and_what_is_given_over_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    FILE.write_text("write_wait = 1\nmin_confidence = 0.1\nthreads = 1\n")
    monkeypatch.setenv("DATELINE_WRITE_WAIT", "2")
    monkeypatch.setenv("DATELINE_THREADS", "2")
    settings = Settings.load(threads=3, answers_kept=None)
    assert (settings.min_confidence, settings.write_wait, settings.threads) == (0.1, 2, 3)
    assert settings.answers_kept == 10_000  # None is "not given"


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_MODEL", "")
    assert Settings.load().model == "local"


def test_an_unknown_variable_is_named_with_those_that_exist(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATELINE_COLOUR", "red")
    with pytest.raises(BadInput, match=r"unknown setting DATELINE_COLOUR; known are .*data_dir"):
        Settings.load()


def test_an_unknown_key_of_the_file_is_named() -> None:
    FILE.write_text('colour = "red"\n')
    with pytest.raises(BadInput, match=r"unknown setting 'colour' in dateline\.toml"):
        Settings.load()


@pytest.mark.parametrize("content", [b"threads = = 2\n", b'model = "caf\xe9"\n'])
def test_a_file_that_is_not_toml_is_refused(content: bytes) -> None:
    FILE.write_bytes(content)
    with pytest.raises(BadInput, match=r"dateline\.toml: invalid TOML: "):
        Settings.load()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", "magic"),
        ("model", "openai:"),
        ("min_confidence", "1.5"),
        ("threads", "0"),
        ("ask_limit", "60"),
        ("ask_limit", "0/minute"),
        ("public_url", "ftp://news.example"),
        ("discord_public_key", "abc"),
        ("source_weights", '{"Herald": 0}'),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_the_name_of_its_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"DATELINE_{name.upper()}", value)
    with pytest.raises(BadInput, match=rf"setting {name}.*\(DATELINE_{name.upper()}") as raised:
        Settings.load()
    assert "\n" not in str(raised.value)


def test_secrets_do_not_show() -> None:
    settings = Settings.load(slack_bot_token="xoxb-swordfish", api_key="swordfish")  # noqa: S106
    assert "swordfish" not in f"{settings!r} {settings}"


def test_settings_do_not_change(tmp_path: Path) -> None:
    settings = Settings.load()
    with pytest.raises(ValueError, match="frozen"):
        settings.data_dir = tmp_path  # type: ignore[misc]


def test_the_address_of_a_store_is_checked_and_its_password_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql://dateline:hunter2@db.example/news"
    monkeypatch.setenv("DATELINE_STORE", url)
    settings = Settings.load()
    assert settings.store_url == url
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in settings.model_dump_json()
    monkeypatch.setenv("DATELINE_STORE", "mysql://dateline:hunter2@db.example/news")
    with pytest.raises(BadInput, match="expected postgresql://") as refused:
        Settings.load()
    assert "hunter2" not in str(refused.value)


def test_a_folder_that_is_given_wins_over_a_store_that_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_STORE", "postgresql://db.example/news")
    settings = Settings.load(data_dir=tmp_path)
    assert (settings.store_url, settings.data_dir) == (None, tmp_path)
    both = Settings.load(data_dir=tmp_path, store="postgresql://db.example/other")
    assert both.store_url == "postgresql://db.example/other"
