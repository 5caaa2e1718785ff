"""An answer as HTML without any script: its page and its card."""

import re
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from api.chat.markup import one_line, web_address
from api.share import wording
from api.share.shared import SharedAnswer
from qa.types import Article

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LONGEST_SUMMARY = 200  # characters; previews of links show about as many
_FILTERS = (
    wording.as_sentence,
    wording.beside,
    wording.cautions,
    wording.change_in_words,
    wording.confidence_in_words,
    wording.day_in_words,
    wording.doubt,
    wording.facts,
    wording.lead,
    wording.lines,
    wording.lines_to_cite,
    wording.other_sources,
    wording.rejection_in_words,
    wording.state_in_words,
    wording.statements,
    web_address,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is: ``root`` leads from it to the service, by a relative address; ``base`` is
    the service's public address, ``address`` that of the answer's page.
    """

    root: str
    base: str
    address: str


def answer_page(shared: SharedAnswer, place: Place, *, indexed: bool) -> str:
    """The page at ``/a/ID``. ``indexed``: whether search engines may list it."""
    return _render(
        "answer.html",
        root=place.root,
        place=place,
        shared=shared,
        summary=_summary(shared),
        indexed=indexed,
    )


def answer_card(shared: SharedAnswer, place: Place) -> str:
    """The page for a frame, which links the answer's page."""
    return _render("card.html", root=place.root, place=place, shared=shared, indexed=False)


def refusal_page(status: int, title: str, detail: str, root: str) -> str:
    """Why there is nothing to see. ``root``: see `Place`."""
    return _render(
        "refused.html",
        root=root,
        status=status,
        title=title,
        detail=detail,
        indexed=False,
    )


def _render(template: str, **values: object) -> str:
    return _templates().get_template(template).render(**values)


@cache
def _templates() -> Environment:
    environment = Environment(
        autoescape=True,
        loader=PackageLoader("api.share"),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {function.__name__: function for function in _FILTERS}
    environment.filters["language"] = _language
    return environment


def _summary(shared: SharedAnswer) -> str:
    """The answer, and who says so."""
    answer = shared.answer
    said = one_line(answer.answer or wording.lead(answer))
    if len(said) > _LONGEST_SUMMARY:
        said = f"{said[:_LONGEST_SUMMARY].rstrip()}…"
    sources = [wording.origin(quote.citation) for quote in shared.quotes[:1]]
    return " – ".join([said, *sources])


def _language(article: Article | None) -> str | None:
    """The article's language as HTML takes it; None for anything else."""
    language = article.language if article is not None else None
    return language if language and _LANGUAGE.fullmatch(language) else None
