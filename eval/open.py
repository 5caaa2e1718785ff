"""Which system a run asks: opened from what the command line was given."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from eval.run import fresh_archive
from eval.targets import Answers, InProcess, Served, Target
from qa.bootstrap import open_archive
from qa.errors import BadInput
from qa.settings import Settings


@contextmanager
def open_target(
    settings: Settings,
    *,
    articles: Path | None = None,
    own_archive: bool = False,
    url: str | None = None,
    answers: Path | None = None,
    retrieval_only: bool = False,
) -> Iterator[Target]:
    """A served system by ``url``; another system's ``answers``; else one in this process, over a fresh archive of
    ``articles``, over the settings' own archive (``own_archive``), or over the sample corpus. Raises BadInput.
    """
    if url is not None and (answers is not None or articles is not None or own_archive):
        raise BadInput("--url names a system with an archive of its own: give it alone")
    with ExitStack() as stack:
        if url is not None:
            yield stack.enter_context(
                Served.opened(url, retrieval_only=retrieval_only, key=settings.api_key)
            )
            return
        if articles is not None or not (own_archive or answers):
            settings = stack.enter_context(fresh_archive(settings, articles))
        if answers is not None:
            looked_up = articles is not None or own_archive
            yield Answers(
                answers, stack.enter_context(open_archive(settings)) if looked_up else None
            )
            return
        yield stack.enter_context(InProcess.opened(settings, retrieval_only=retrieval_only))
