"""What `dateline serve` starts with."""

import json
import logging
import logging.config
import re
from collections.abc import Iterator

import pytest

from api.http.server import logging_config


@pytest.fixture(autouse=True)
def _restored_loggers() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in (None, "uvicorn", "dateline")]
    before = [(logger, logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.level, logger.handlers = level, handlers


def logged(capsys: pytest.CaptureFixture[str], *, as_json: bool) -> str:
    logging.config.dictConfig(logging_config(as_json=as_json))
    logging.getLogger("dateline.requests").info("GET /v1/models 200")
    return capsys.readouterr().err


def test_a_log_line_for_people_begins_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    """With the day and the offset: a log is read later, and elsewhere."""
    line = logged(capsys, as_json=False)
    time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}"
    assert re.fullmatch(rf"{time} INFO     GET /v1/models 200\n", line), line


def test_a_log_line_for_programs_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    line = json.loads(logged(capsys, as_json=True))
    assert line["message"] == "GET /v1/models 200"
    assert line["level"] == "info"
    assert line["time"].endswith("+00:00")
