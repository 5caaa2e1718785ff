"""Sections: "in the sports section", "on the business pages of the Guardian"."""

import re
from collections.abc import Iterator

from qa.language.limits.modifiers import IN_SECTION, extend, section_at
from qa.language.limits.phrases import Asked, Phrase
from qa.language.limits.sources import AT_WORK

_REPORTS_VERB = re.compile(r"\s+(?:report|say|tell|write)\b", re.IGNORECASE)
_OF = re.compile(r"\s+of (?=\S)", re.IGNORECASE)


def find_sections(asked: Asked) -> Iterator[Phrase]:
    """Find "in the sports section", "what does the business section of the Guardian say"."""
    for opening in IN_SECTION.finditer(asked.text):
        found = section_at(asked, opening.start())
        if found is None or AT_WORK.search(asked.text[: opening.start()]):
            continue
        phrase = Phrase(opening.start(), found.end)
        phrase.add("sections", found.values)
        of = _OF.match(asked.text, found.end)
        if of is not None:
            paper = asked.names_at("sources", of.end())
            if paper is None:
                continue  # "the business section of the plane"
            phrase.add("sources", paper.values)
            phrase.end = paper.end
        extend(asked, phrase)
        if opening["subject"]:
            if not _REPORTS_VERB.match(asked.text, phrase.end):
                continue  # "how did the sports section lose its editor?"
            phrase.instead = "do reports"
        yield phrase
