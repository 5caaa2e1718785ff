"""An answer as JSON-LD in the words of schema.org: a Question, its Answer, its Quotations."""

import json
from typing import Any

from api.chat.markup import web_address
from api.share import wording
from api.share.shared import Quote, SharedAnswer


def to_jsonld(shared: SharedAnswer, address: str) -> bytes:
    """The answer at ``address``. A question that was not answered has no accepted answer."""
    answer = shared.answer
    question: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Question",
        "@id": f"{address}#question",
        "url": address,
        "name": answer.question,
        "answerCount": 0 if answer.answer is None else 1,
    }
    if answer.answer is not None:
        accepted = {
            "@type": "Answer",
            "@id": f"{address}#answer",
            "url": address,
            "text": answer.answer,
            "creativeWorkStatus": shared.currency.state,
            "correction": [
                wording.change_in_words(event.change)
                for event in shared.events
                if event.change.kind == "correction"
            ],
            "citation": [
                _quotation(quote, address) for quote in shared.quotes if quote.citation.quote
            ],
        }
        question["acceptedAnswer"] = _filled(accepted)
    return json.dumps(question, indent=2).encode()


def _quotation(quote: Quote, address: str) -> dict[str, Any]:
    citation = quote.citation
    speaker = {"@type": "Person", "name": citation.speaker} if citation.speaker else None
    publisher = {"@type": "Organization", "name": citation.source} if citation.source else None
    authors = quote.article.authors if quote.article is not None else ()
    report = {
        "@type": "NewsArticle",
        "identifier": citation.article_id,
        "headline": citation.title,
        "url": web_address(citation.url),
        "datePublished": citation.published_at,
        "publisher": publisher,
        "author": [{"@type": "Person", "name": name} for name in authors],
        "inLanguage": quote.article.language if quote.article is not None else None,
    }
    quotation = {
        "@type": "Quotation",
        "@id": f"{address}#quote-{citation.n}",
        "text": citation.quote,
        "spokenByCharacter": speaker,
        "isPartOf": _filled(report),
    }
    return _filled(quotation)


def _filled(properties: dict[str, Any]) -> dict[str, Any]:
    """Only the properties that have a value."""
    return {name: value for name, value in properties.items() if value}
