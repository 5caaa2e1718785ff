"""The limits that a question states: whose reports, of which section, published when.

A name limits only where the archive has it and the words speak of a publication: "according to
Reuters", "what did Jane Roe write", "in the sports section", "reports from 2021". The same names as
a topic ("what did Reuters announce about its lay-offs?"), and the period of an event ("who was
elected in 2021?"), limit nothing: a limit too many hides the answer, one too few only ranks it
lower. Pure functions.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal, NamedTuple

from qa.language.dates import DAY, MONTHS, WEEKDAYS, any_of, days_of, find_dates
from qa.language.periods import asked_period
from qa.types import Filters

Name = Literal["sources", "authors", "sections"]

_SHORTEST_SURNAME = 3
_MOST_WORDS = 8  # of a name

_COUNT = r"(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten)"
_YEAR = r"(?:1[0-9]|20)\d\d"
_DAY_OF_MONTH = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_MONTH = rf"(?:{any_of(MONTHS)})\b\.?"
_RELATIVE = (
    r"(?:the day before )?yesterday|today"
    r"|(?:last|this|past|previous) (?:week(?:end)?|month|year"
    rf"|{any_of(WEEKDAYS)}|{_MONTH})"
    rf"|(?:the |these )?(?:last|past|previous) {_COUNT} (?:day|week|month|year)s"
    rf"|{_COUNT} (?:day|week|month|year)s? ago"
)
_ABSOLUTE = (
    r"\d{4}-\d\d-\d\d"
    rf"|(?:the )?{_DAY_OF_MONTH} (?:of )?{_MONTH}(?:,? {_YEAR})?"
    rf"|{_MONTH} {_DAY_OF_MONTH}\b(?:,? {_YEAR})?"
    rf"|{_MONTH}(?:,? (?:of )?{_YEAR})?|{_YEAR}|{any_of(WEEKDAYS)}"
)
_TIME = rf"(?:{_RELATIVE}|{_ABSOLUTE})\b"
_WHEN = re.compile(
    rf"(?:between (?P<first>{_TIME}) and (?P<last>{_TIME})"
    rf"|from (?P<first2>{_TIME}) (?:to|until|till|through) (?P<last2>{_TIME})"
    rf"|(?P<relation>in|on|during|from|of|dated|over|since|before|after|until|till|up to|prior to)"
    rf" (?P<time>{_TIME})|(?P<alone>{_RELATIVE})\b)",
    re.IGNORECASE,
)
_POSSESSIVE_TIME = re.compile(rf"(?:the )?(?P<time>{_TIME})['’]s? ", re.IGNORECASE)
_UP_TO = frozenset(["until", "till", "up to"])
_EARLIER = frozenset(["before", "prior to"])
# A period behind the topic may be the topic's ("the killings in March"), unless it reads as the
# period of the reporting.
_OPEN = frozenset(["since", "before", "after", "until", "till", "up to", "prior to"])
_LONGEST_TOPIC = 6  # words between "about" and such a period

# What follows a limit that ends: else its last word is part of another name ("Reuters polls").
_ENDS = re.compile(
    r"\s*(?:[,.;:?!)(]|[–—-]\s|$)|\s+(?:a|about|and|are|as|concerning|covering|describe|did|do|does"
    r"|had|has|have|how|in|is|mention|mentions|of|on|or|over|regarding|said|say|says|show|tell"
    r"|that|the|to|was|were|what|when|where|which|who|whom|whose|why|with|will|would)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\s+(?:about|concerning|of|on|over|regarding|that)\b"
    r"(?!\s+(?:its|their|his|her|itself|themselves|himself|herself)\b)|\s*[?.!]*$",
    re.IGNORECASE,
)
_REPORTS = re.compile(
    r"(?:(?:news|newspaper|press|media) )?"
    r"(?:reports|articles|stories|pieces|columns|editorials|headlines|op-eds|dispatches|coverage"
    r"|reporting|news|papers|newspapers)\b",
    re.IGNORECASE,
)
_REPORT = re.compile(r"(?:report|article|story|piece|column|editorial|op-ed)\b", re.IGNORECASE)
# Words before "reports …" after which the reports are searched, not spoken of ("who criticised the
# reports …").
_LEAD = re.compile(
    r"(?P<whole>(?:^|(?<=[\s,(]))(?:according to|in|from|across|among|using|per) )"
    r"(?:(?:all|any|only|other|recent|some|the|these|those) )*"
    r"|(?:^|\b(?:any|are|did|do|does|find|give me|is|list|me|of|only|search|show|summari[sz]e|there"
    r"|what|which) )(?:(?:all|any|latest|newest|only|other|recent|some|the|these|those) )*",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\bwhat (?:was|were|is|has been|have been|had been)"
    r" (?P<passive>reported|written|published|printed)\b"
    r"|\bwhat (?P<active>did|do|does|had|has|have) |\bwhat (?=\S)",
    re.IGNORECASE,
)
_WRITES = re.compile(r" (?:report|write|publish|reported|written|published)\b", re.IGNORECASE)
_WROTE = re.compile(
    r" (?:(?:has|had|have) )?(?:reported|wrote|written|published|reports|writes)\b", re.IGNORECASE
)
_CREDITED = re.compile(
    r"\baccording to (?:an? )?|\bas (?:reported|published|covered|described|written) (?:by|in) "
    r"|(?<=, )reported by ",
    re.IGNORECASE,
)
_SAID_THAT = re.compile(r"(?:(?:^|(?<=, ))(?P<opening>)|\bdid )(?=\S)", re.IGNORECASE)
_IN = re.compile(r"\b(?:in|from) (?=\S)", re.IGNORECASE)
_SPEAKS_OF_REPORTING = re.compile(
    r"\b(?:appeared|articles?|columns?|coverage|covered|editorials?|headlines?|news|op-eds?"
    r"|pieces?|printed|published|read|reported|reports?|said|say|says|stor(?:y|ies)|write|written"
    r"|wrote)\b",
    re.IGNORECASE,
)
_IN_SECTION = re.compile(
    r"\b(?:in|on|from|under|(?P<subject>do|does|did)) the (?=\S)|\bfiled under (?=\S)",
    re.IGNORECASE,
)
_REPORTS_VERB = re.compile(r"\s+(?:report|say|tell|write)\b", re.IGNORECASE)
_SECTION = re.compile(r"\s+(?:news )?(?:section|pages?|column|desk)\b", re.IGNORECASE)
# Who works there does not ask what it printed.
_AT_WORK = re.compile(
    r"\b(?:clos|cut|edit|employ|hir|invest|job|laid|lay|sat|seat|shar|sit|staff|strik|work)\w*\b",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"(?:^|[,(] ?)(?:published|written|reported|printed|dated) (?=\S)", re.IGNORECASE
)
# What else is published and dated.
_WORKS = re.compile(
    r"\b(?:album|biograph|book|data|document|essay|figure|guideline|law|letter|list|magazine"
    r"|memoir|novel|paper|photo|pictur|poem|poll|report|research|result|rule|song|statistic"
    r"|study|survey|video)\w*\b",
    re.IGNORECASE,
)
_VERB = re.compile(
    r",? (?:(?:that|which) )?(?:(?:was|were|is|are|has been|have been) )?"
    r"(?:published|written|reported|printed|appeared|appearing|dated|filed)\b",
    re.IGNORECASE,
)
_BY = re.compile(r"\s+(?:by|from|in) (?=\S)", re.IGNORECASE)
_AND = re.compile(r"(?:,? and|,? or|,) (?=(?:the )?[A-Z])")
# A limit that belongs to one of several clauses: "…, as the BBC reported, and who was …".
_GOES_ON = re.compile(r"[,;]|\band\b", re.IGNORECASE)
_JOINED = re.compile(r",? (?:and|as well as|or)\b", re.IGNORECASE)
# Other publications in a question that compares them.
_CREDITS_ANOTHER = re.compile(
    r"\b(?:articles?|posts?|reports?|stor(?:y|ies)) (?:by|from|in|on) (?:an? |the )?[A-Z]"
    r"|\b(?:claimed|covered|described|discussed|mentioned|noted|reported|suggested) (?:by|in|on)"
    r" (?:an? |the )?[A-Z]"
)
_BEFORE_SOURCE = re.compile(
    r"\b(?:according to|and|by|from|in|than|to|with) (?:(?:an?|another|both|the) )?$", re.IGNORECASE
)
_BEHIND_SOURCE = re.compile(
    r"(?:['’]s)? (?:\w+ )?(?:articles?|indicate|posts?|reported|reports?|stor(?:y|ies)|suggest)\b"
)
_OF = re.compile(r"\s+(?:of|in) (?=\S)", re.IGNORECASE)
_CAPITALISED = re.compile(r"\b[A-Z]\w*")
_WORD = re.compile(r"\s*(?P<word>[^\s,;:?!()\"“”]+)")
_ANY_LIMIT = re.compile(
    rf"\baccording to\b|\b(?:section|pages?|desk)\b|{_SPEAKS_OF_REPORTING.pattern}"
    r"|\b(?:publish|writes|dated|filed)\b|['’]s? |^(?:in|from)\b",
    re.IGNORECASE,
)


class Stated(NamedTuple):
    """The limits, and the question without them; ``Filters()`` and the question itself where it
    states none.
    """

    filters: Filters
    text: str


class KnownNames:
    """The names that an archive has, by the ways in which a question may write them."""

    def __init__(
        self,
        sources: Iterable[str] = (),
        authors: Iterable[str] = (),
        sections: Iterable[str] = (),
    ) -> None:
        authors = list(authors)
        self._tables: Mapping[Name, Mapping[str, tuple[str, ...]]] = {
            "sources": _table((source, [source]) for source in sources),
            "authors": _table((author, [author]) for author in authors) | _surnames(authors),
            "sections": _table((section, _numbers(section)) for section in sections),
        }

    def among(self, filters: Filters) -> "KnownNames":
        """Only the names that these filters allow: a question cannot widen them."""
        allowed = KnownNames()
        allowed._tables = {
            name: _allowed(table, getattr(filters, name)) for name, table in self._tables.items()
        }
        return allowed

    def find(self, name: Name, words: str) -> tuple[str, ...]:
        """The archive's values for these words; () where it has none."""
        return self._tables[name].get(_key(words), ())


def may_state_limits(question: str) -> bool:
    """Return False where no `stated_limits` can be found, whatever the archive knows."""
    return bool(_ANY_LIMIT.search(question))


def stated_limits(question: str, known: KnownNames, now: str | None) -> Stated:
    """The limits that the question's words state.

    "Last week" and the like are read against ``now`` (ISO 8601), and state nothing without it.
    Limits of one kind add up ("Reuters or the BBC"); where two periods are stated, neither counts.
    """
    if not may_state_limits(question):
        return Stated(Filters(), question)
    found = _Limits(question, known, now)
    for look in _LOOKS:
        for phrase in look(found):
            found.take(phrase)
    return found.stated()


class _Period(NamedTuple):
    """Days of publication, both included; None: without end."""

    first: date | None
    last: date | None


class _Names(NamedTuple):
    values: tuple[str, ...]
    end: int
    possessive: bool


@dataclass(slots=True)
class _Phrase:
    """A part of the question that states limits: ``text[start:end]`` becomes ``instead``."""

    start: int
    end: int
    instead: str = ""
    names: dict[Name, tuple[str, ...]] = field(default_factory=dict)
    periods: list[_Period] = field(default_factory=list)
    cuts: list[tuple[int, int]] = field(default_factory=list)  # in place of the whole

    @property
    def limits(self) -> bool:
        return bool(self.names or self.periods)

    def add(self, name: Name, values: tuple[str, ...]) -> None:
        self.names[name] = tuple(dict.fromkeys([*self.names.get(name, ()), *values]))


class _Limits:
    """One question, while its limits are looked for."""

    def __init__(self, text: str, known: KnownNames, now: str | None) -> None:
        self.text = text
        self.known = known
        self.now = now[:10] if now else None
        # A question without capitals writes names without them too.
        self._lower = text == text.lower()
        self._phrases: list[_Phrase] = []

    def take(self, phrase: _Phrase) -> None:
        """Keep a phrase unless it overlaps one that was found before."""
        if phrase.limits and all(
            phrase.end <= other.start or other.end <= phrase.start for other in self._phrases
        ):
            self._phrases.append(phrase)

    def stated(self) -> Stated:
        if any("sources" in phrase.names for phrase in self._phrases) and self._compares():
            return Stated(Filters(), self.text)
        names: defaultdict[Name, dict[str, None]] = defaultdict(dict)
        periods: set[_Period] = set()
        for phrase in self._phrases:
            periods.update(phrase.periods)
            for name, values in phrase.names.items():
                names[name].update(dict.fromkeys(values))
        if len(periods) > 1:
            periods.clear()
            self._phrases = [phrase for phrase in self._phrases if not phrase.periods]
        first, last = next(iter(periods), _Period(None, None))
        filters = Filters(
            sources=tuple(names["sources"]),
            authors=tuple(names["authors"]),
            sections=tuple(names["sections"]),
            published_from=first.isoformat() if first is not None else None,
            published_to=last.isoformat() if last is not None else None,
        )
        return Stated(filters, self._rest())

    def _compares(self) -> bool:
        """Return True if the rest of the question credits another publication."""
        rest = self.text
        for phrase in sorted(self._phrases, key=lambda phrase: -phrase.start):
            rest = f"{rest[: phrase.start]}{rest[phrase.end :]}"
        if _CREDITS_ANOTHER.search(rest):
            return True
        others = _Limits(rest, self.known, self.now)
        for word in _CAPITALISED.finditer(rest):
            source = others._name_at("sources", word.start())
            if source is not None and (
                _BEFORE_SOURCE.search(rest, 0, word.start())
                or _BEHIND_SOURCE.match(rest, source.end)
            ):
                return True
        return False

    def is_whole(self, phrase: _Phrase) -> bool:
        """Return True if a phrase limits all of the question, not one of its clauses."""
        behind = self.text[phrase.end :].lstrip(" ,").rstrip(" ?.!)")
        return not self.text[: phrase.start].strip(" ,(") or not _GOES_ON.search(behind)

    def _rest(self) -> str:
        text = self.text
        cuts = []
        for phrase in self._phrases:
            cuts += [(start, end, "") for start, end in phrase.cuts]
            if not phrase.cuts:
                cuts.append((phrase.start, phrase.end, phrase.instead))
        for start, end, instead in sorted(cuts, reverse=True):
            text = f"{text[:start]}{instead}{text[end:]}"
        rest = _tidied(text)
        return rest if re.search(r"\w", rest) else self.text

    def names_at(self, name: Name, start: int) -> _Names | None:
        """The known names at a place: one, or several joined by "and"; None if one is unknown."""
        if self.text[start : start + 5].lower() == "both ":
            start += 5
        found = self._name_at(name, start)
        while found is not None and (joint := _AND.match(self.text, found.end)):
            following = self._name_at(name, joint.end())
            if following is None:
                # "…, and the mayor?" goes on; "Reuters and Al Jazeera" is not all known
                return found if joint[0].startswith(",") else None
            values = tuple(dict.fromkeys([*found.values, *following.values]))
            found = _Names(values, following.end, following.possessive)
        return found

    def _name_at(self, name: Name, start: int) -> _Names | None:
        """The longest known name at a place."""
        ends = []
        end = start
        for _ in range(_MOST_WORDS):
            word = _WORD.match(self.text, end)
            if word is None:
                break
            end = word.end()
            ends.append(end)
        for end in reversed(ends):
            words = self.text[start:end]
            bare = re.sub(r"['’]s?$", "", words.rstrip("."))
            for written in dict.fromkeys([words, words.rstrip("."), bare]):
                values = self.known.find(name, written)
                if values and self._is_name(written, name):
                    behind = start + len(written)
                    possessive = written == bare and words.rstrip(".") != bare
                    return _Names(values, end if possessive else behind, possessive)
        return None

    def _is_name(self, written: str, name: Name) -> bool:
        own = re.sub(r"^the ", "", written, flags=re.IGNORECASE)
        return name == "sections" or self._lower or any(letter.isupper() for letter in own)

    def when_at(self, start: int) -> tuple[_Period, re.Match[str]] | None:
        """The period at a place, where nothing follows that makes it part of a name."""
        match = _WHEN.match(self.text, start)
        if match is None or not _ENDS.match(self.text, match.end()):
            return None
        period = _period(match, self.now)
        return (period, match) if period is not None else None

    def modify(self, phrase: _Phrase) -> None:
        """Take in what follows a phrase and limits it: "by Jane Roe", "in the Guardian", "since
        Tuesday". ``phrase.end`` moves behind it.
        """
        while True:
            verb = _VERB.match(self.text, phrase.end)
            start = verb.end() if verb is not None else phrase.end
            end = self._modifier(phrase, start)
            if end is None:
                return
            phrase.cuts.append((phrase.end, end))
            phrase.end = end

    def _modifier(self, phrase: _Phrase, start: int) -> int | None:
        """The end of one modifier, whose limit the phrase takes in."""
        if self.text[start : start + 1] == " ":
            timed = self.when_at(start + 1)
            if timed is not None:
                phrase.periods.append(timed[0])
                return timed[1].end()
        section = self._section_at(start + 1)
        if section is not None:
            phrase.add("sections", section.values)
            return section.end
        by = _BY.match(self.text, start)
        if by is None:
            return None
        kinds: tuple[Name, ...] = ("sources", "authors")
        for kind in kinds:
            if kind == "authors" and by[0].strip().lower() == "in":
                continue
            found = self.names_at(kind, by.end())
            if found and not found.possessive and _ENDS.match(self.text, found.end):
                phrase.add(kind, found.values)
                return found.end
        return None

    def _section_at(self, start: int) -> _Names | None:
        """The end of "in the sports section" at a place."""
        opening = _IN_SECTION.match(self.text, start)
        if opening is None:
            return None
        found = self._name_at("sections", opening.end())
        if found is None or found.possessive:
            return None
        noun = _SECTION.match(self.text, found.end)
        if opening[0].lower().startswith("filed"):
            return found
        if noun is None or not _ENDS.match(self.text, noun.end()):
            return None
        return _Names(found.values, noun.end(), possessive=False)

    # The looks: each yields the phrases of one kind.

    def credits(self) -> Iterator[_Phrase]:
        """Find "according to Reuters", "as reported by the BBC", "according to a BBC report"."""
        for opening in _CREDITED.finditer(self.text):
            found = self.names_at("sources", opening.end())
            if found is None:
                continue
            end = found.end
            report = re.match(r"\s+", self.text[end:])
            noun = report and (
                _REPORTS.match(self.text, end + 1) or _REPORT.match(self.text, end + 1)
            )
            if noun:
                end = noun.end()
            elif found.possessive or opening[0].lower().endswith(("a ", "an ")):
                continue
            phrase = _Phrase(opening.start(), end)
            phrase.add("sources", found.values)
            self.modify(phrase)
            phrase.cuts.clear()
            is_joined = _JOINED.match(self.text, phrase.end)
            if not is_joined and _ENDS.match(self.text, phrase.end) and self.is_whole(phrase):
                yield phrase

    def sayings(self) -> Iterator[_Phrase]:
        """Find "what did Jane Roe write", "what Reuters reported", "what was written"."""
        for opening in _ASKED.finditer(self.text):
            phrase = _Phrase(opening.start(), opening.end(), "what has been reported")
            if opening["passive"] is None and not self._writer(phrase, opening):
                continue
            self.modify(phrase)
            phrase.cuts.clear()
            topic = _ABOUT.match(self.text, phrase.end)
            if topic is None:
                continue
            if not topic[0].strip(" ?.!") and not phrase.names:
                continue  # "what was written in 1776?"
            if phrase.names and not phrase.periods:
                self._early_period(phrase)
            late = None if phrase.periods else self._late_period(topic.end())
            if late is not None and (phrase.limits or opening["passive"]):
                if not phrase.limits:
                    phrase.instead = self.text[phrase.start : phrase.end]
                    phrase.periods = late.periods
                    phrase.end = late.end
                    phrase.cuts = [(late.start, late.end)]
                else:
                    yield late
            yield phrase

    def _writer(self, phrase: _Phrase, opening: re.Match[str]) -> bool:
        """Take in who writes; False if nobody does."""
        verbs = _WRITES if opening["active"] else _WROTE
        kinds: tuple[Name, ...] = ("sources", "authors")  # an agency may be both
        for kind in kinds:
            found = self.names_at(kind, opening.end())
            verb = verbs.match(self.text, found.end) if found is not None else None
            if found is not None and verb is not None and not found.possessive:
                phrase.add(kind, found.values)
                phrase.end = verb.end()
                return True
        return False

    def _early_period(self, phrase: _Phrase) -> None:
        """Take in a period that opens the question: "In March, what did Jane Roe write …"."""
        match = _WHEN.match(self.text)
        period = _period(match, self.now) if match is not None else None
        if match is None or period is None:
            return
        if not self.text[match.end() : phrase.start].strip(" ,"):
            phrase.periods.append(period)
            phrase.start = 0

    def _late_period(self, start: int) -> _Phrase | None:
        """A period of reporting at the end: "… about the strike since Tuesday?"."""
        for match in _WHEN.finditer(self.text, start):
            if self.text[match.end() :].strip(" ?.!"):
                continue
            topic = self.text[start : match.start()].split()
            relation = (match["relation"] or "").lower()
            if not 0 < len(topic) <= _LONGEST_TOPIC or "to" in topic:
                continue
            period = _period(match, self.now)
            if period is not None and (relation in _OPEN or match["alone"]):
                return _Phrase(match.start(), match.end(), periods=[period])
        return None

    def groups(self) -> Iterator[_Phrase]:
        """Find "in reports from 2021", "Guardian articles", "last week's coverage"."""
        for lead in _LEAD.finditer(self.text):
            phrase = _Phrase(lead.start(), lead.end())
            timed = _POSSESSIVE_TIME.match(self.text, lead.end())
            if timed is not None:
                period = _within(timed["time"], self.now)
                if period is None:
                    continue
                phrase.periods.append(period)
                phrase.end = timed.end()
                phrase.cuts.append((lead.end(), timed.end()))
            if self._reports(phrase, timed is not None):
                self.modify(phrase)
                if lead["whole"] and not self.text[lead.end() :].lower().startswith("news"):
                    phrase.cuts.clear()
                is_joined = _JOINED.match(self.text, phrase.end)
                if not is_joined and _ENDS.match(self.text, phrase.end) and self.is_whole(phrase):
                    yield phrase

    def _reports(self, phrase: _Phrase, is_timed: bool) -> bool:
        """Take in "reports", "Guardian articles", or behind "Monday's" a source alone."""
        found = self.names_at("sources", phrase.end) or self.names_at("authors", phrase.end)
        if found is not None:
            kind: Name = "sources" if self.names_at("sources", phrase.end) else "authors"
            reports = _REPORTS.match(self.text, found.end + 1)
            if reports is None and not (is_timed and not found.possessive):
                return False
            phrase.add(kind, found.values)
            phrase.cuts.append((phrase.end, found.end + (reports is not None)))
            phrase.end = reports.end() if reports is not None else found.end
            return True
        reports = _REPORTS.match(self.text, phrase.end)
        if reports is None:
            return False
        phrase.end = reports.end()
        return True

    def reported_that(self) -> Iterator[_Phrase]:
        """Find "Reuters reported that …", "how much did Reuters report that …"."""
        for opening in _SAID_THAT.finditer(self.text):
            found = self.names_at("sources", opening.end())
            if found is None or found.possessive:
                continue
            verbs = _WRITES if opening["opening"] is None else _WROTE
            verb = verbs.match(self.text, found.end)
            if verb is None:
                continue
            phrase = _Phrase(opening.start(), verb.end())
            phrase.add("sources", found.values)
            self.modify(phrase)
            phrase.cuts.clear()
            that = re.compile(r" that\b|\W*$").match(self.text, phrase.end)
            if that is not None:
                phrase.end += len(that[0]) if that[0] == " that" else 0
                yield phrase

    def inside(self) -> Iterator[_Phrase]:
        """Find "in the Guardian" where the words before it speak of reporting, or it opens."""
        for opening in _IN.finditer(self.text):
            found = self.names_at("sources", opening.end())
            if found is None or found.possessive:
                continue
            before = self.text[: opening.start()]
            phrase = _Phrase(opening.start(), found.end)
            phrase.add("sources", found.values)
            self.modify(phrase)
            phrase.cuts.clear()
            if not _ENDS.match(self.text, phrase.end) or _AT_WORK.search(before):
                continue
            opens = not before.strip() and self.text[phrase.end : phrase.end + 1] in (",", ":")
            if opens or (_SPEAKS_OF_REPORTING.search(before) and self.is_whole(phrase)):
                yield phrase

    def sections(self) -> Iterator[_Phrase]:
        """Find "in the sports section", "on the business pages of the Guardian"."""
        for opening in _IN_SECTION.finditer(self.text):
            found = self._section_at(opening.start())
            if found is None or _AT_WORK.search(self.text[: opening.start()]):
                continue
            phrase = _Phrase(opening.start(), found.end)
            phrase.add("sections", found.values)
            of = _OF.match(self.text, found.end)
            if of is not None and of[0].strip().lower() == "of":
                paper = self.names_at("sources", of.end())
                if paper is None:
                    continue  # "the business section of the plane"
                phrase.add("sources", paper.values)
                phrase.end = paper.end
            self.modify(phrase)
            phrase.cuts.clear()
            if opening["subject"]:
                if not _REPORTS_VERB.match(self.text, phrase.end):
                    continue  # "how did the sports section lose its editor?"
                phrase.instead = "do reports"
            yield phrase

    def dated(self) -> Iterator[_Phrase]:
        """Find "…, published before May 2022?"."""
        for opening in _PUBLISHED.finditer(self.text):
            timed = self.when_at(opening.end())
            others = self.text[: opening.start()] + self.text[opening.end() :]
            if timed is None or _WORKS.search(others):
                continue
            period, match = timed
            opens = opening.start() == 0
            if opens or not self.text[match.end() :].strip(" ?.!)"):
                end = match.end() + self.text[match.end() :].startswith(")")
                yield _Phrase(opening.start(), end, periods=[period])


_LOOKS = (
    _Limits.credits,
    _Limits.sayings,
    _Limits.groups,
    _Limits.reported_that,
    _Limits.sections,
    _Limits.inside,
    _Limits.dated,
)


def _period(match: re.Match[str], now: str | None) -> _Period | None:
    """The days of publication that a `_WHEN` states."""
    first, last = match["first"] or match["first2"], match["last"] or match["last2"]
    if first is not None and last is not None:
        begins, ends = _within(first, now), _within(last, now)
        if begins is None or ends is None:
            return None
        return _Period(begins.first, ends.last)
    days = _within(match["time"] or match["alone"], now)
    if days is None or days.first is None or days.last is None:
        return None
    relation = (match["relation"] or "").lower()
    if relation == "since":
        return _Period(days.first, None)
    if relation == "after":
        return _Period(days.last + DAY, None)
    if relation in _EARLIER:
        return _Period(None, days.first - DAY)
    if relation in _UP_TO:
        return _Period(None, days.last)
    return days


def _within(time: str, now: str | None) -> _Period | None:
    """The first and last day of "2021", "March", "5 March", "last week", "Tuesday"."""
    time = re.sub(r"^(?:the|these) ", "", time, flags=re.IGNORECASE)
    if re.fullmatch(_YEAR, time):
        return _Period(date(int(time), 1, 1), date(int(time), 12, 31))
    today = date.fromisoformat(now) if now else None
    month = re.fullmatch(rf"(?:(?:last|this|past|previous) )?({_MONTH})", time, re.IGNORECASE)
    if month is not None:
        time = f"in {month[1]}"
    for _, value in find_dates(time, today):
        if re.fullmatch(r"\d{4}-\d\d(?:-\d\d)?", value):
            first, last = days_of(value)
            if today is not None and first > today and value[:4] not in time:
                first, last = first.replace(year=first.year - 1), last.replace(year=last.year - 1)
            return _Period(first, last)
    period = asked_period(time, now)
    if period is None:
        return None
    return _Period(
        datetime.fromtimestamp(period.start, UTC).date(),
        datetime.fromtimestamp(period.end, UTC).date(),
    )


def _key(name: str) -> str:
    folded = " ".join(name.replace("’", "'").casefold().split())
    return folded.removeprefix("the ")


def _numbers(section: str) -> list[str]:
    """A section's name in the singular and in the plural: "Sport", "sports"."""
    single = section[:-1] if section.lower().endswith("s") else section
    return [section, single, f"{single}s"]


def _table(written: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for value, forms in written:
        for key in dict.fromkeys(_key(form) for form in forms):
            if key:
                found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _allowed(
    table: Mapping[str, tuple[str, ...]], wanted: Sequence[str]
) -> Mapping[str, tuple[str, ...]]:
    if not wanted:
        return table
    folded = {value.casefold() for value in wanted}
    kept = {
        key: tuple(value for value in values if value.casefold() in folded)
        for key, values in table.items()
    }
    return {key: values for key, values in kept.items() if values}


def _surnames(authors: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The authors by surname, where only one bears it."""
    bearers: defaultdict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for author in authors:
        *given, surname = author.split() or [""]
        if given and len(surname) >= _SHORTEST_SURNAME:
            bearers[_key(surname)][_key(author)].append(author)
            if given[-1].islower():  # "van Dyke"
                bearers[_key(f"{given[-1]} {surname}")][_key(author)].append(author)
    return {
        surname: tuple(next(iter(people.values())))
        for surname, people in bearers.items()
        if len(people) == 1
    }


def _tidied(text: str) -> str:
    """A question after something was cut out of it."""
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s+([,.;:?!)])", r"\1", text)
    text = re.sub(r"^[\s,;:.–—-]+", "", text)
    text = re.sub(r",(?=[,.;:?!])|[,;:]\s*$", "", text).strip()
    return text[:1].upper() + text[1:]
