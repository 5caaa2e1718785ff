"""Other values for the same thing: what joins a timeline, what contradicts, and what is about
something else.
"""

from collections.abc import Sequence

import pytest

from qa.answering import evidence
from qa.answering.competing import Competitor, Reports, newest
from qa.answering.sentence import Sentence, Span
from qa.question import Question
from qa.types import Article, Hit, Passage, Scores, StoredArticle
from tests.support.fakes import ScriptedReader

QUESTION = "How many people died in the flood?"


def sentences(
    reader: ScriptedReader | None,
    *reports: tuple[str, str | None],
    question: str = QUESTION,
    sources: Sequence[str | None] = ("Paper 1", "Paper 2", "Paper 3"),
) -> list[Sentence]:
    """Of one article a report, in their order."""
    hits = []
    for number, (text, published_at) in enumerate(reports, start=1):
        article = Article(
            id=f"a{number}", text=text, published_at=published_at, source=sources[number - 1]
        )
        hits.append(
            Hit(
                number,
                1.0,
                Scores(),
                Passage(number, StoredArticle(number, "v", article), 0, len(text)),
            )
        )
    readings = evidence.Readings(reader, question) if reader is not None else None
    found = evidence.select(Question.parse(question), hits, 20, readings)
    return sorted(found, key=lambda item: (item.hit.rank, item.start))


def span_of(text: str, found: Sequence[Sentence]) -> Span:
    item = next(item for item in found if text in item.text)
    start = item.start + item.text.index(text)
    return Span(item, start, start + len(text))


def competing_with(
    text: str, found: Sequence[Sentence], question: str = QUESTION
) -> list[Competitor]:
    return Reports(Question.parse(question), found).competing(span_of(text, found))


def test_the_same_thing_on_other_days_is_a_rival_and_other_numbers_are_not() -> None:
    reader = ScriptedReader({"17": 6.0, "23": 5.0, "400": -3.0})
    found = sentences(
        reader,
        ("The flood killed 17 people in Marlow.", "2024-03-04"),
        ("The flood has now killed 23 people. Some 400 homes are under water.", "2024-03-06"),
    )
    (rival,) = competing_with("17", found)
    assert (rival.span.text, rival.figure.value if rival.figure else None, rival.odds) == (
        "23",
        "23",
        5.0,
    )
    later = newest(span_of("17", found), [rival])
    assert later is rival


def test_a_number_that_counts_something_else_is_none_however_sure_the_reader_is() -> None:
    reader = ScriptedReader({"17": 6.0, "400": 6.0})
    found = sentences(
        reader,
        ("The flood killed 17 people in Marlow.", "2024-03-04"),
        ("The flood drowned 400 sheep on the hills.", "2024-03-06"),
    )
    assert competing_with("17", found) == []


def test_equal_values_in_other_words_are_no_rivals() -> None:
    question = "How much aid was announced?"
    reader = ScriptedReader({"$200 million": 6.0, "USD 200m": 6.0, "$250 million": 5.0})
    found = sentences(
        reader,
        ("Aid of $200 million was announced.", "2024-03-04"),
        ("They announced USD 200m in aid.", "2024-03-05"),
        ("Aid of $250 million was announced.", "2024-03-06"),
        question=question,
    )
    assert [rival.span.text for rival in competing_with("$200 million", found, question)] == [
        "$250 million"
    ]


def test_another_currency_is_about_something_else() -> None:
    question = "How much aid was announced?"
    reader = ScriptedReader({"USD 200 million": 6.0, "EUR 250 million": 6.0})
    found = sentences(
        reader,
        ("Aid of USD 200 million was announced.", "2024-03-04"),
        ("Aid of EUR 250 million was announced.", "2024-03-06"),
        question=question,
    )
    assert competing_with("USD 200 million", found, question) == []


def test_names_that_differ_contradict_and_shared_words_do_not() -> None:
    question = "Who resigned?"
    reader = ScriptedReader({"Elena Voss": 9.0, "Voss": 8.0, "Piet Maas": 8.0})
    found = sentences(
        reader,
        ("Elena Voss resigned.", None),
        ("Minister Voss stepped down.", None),
        ("It was Piet Maas who resigned.", None),
        question=question,
    )
    assert [rival.span.text for rival in competing_with("Elena Voss", found, question)] == [
        "Piet Maas"
    ]


def test_without_a_reader_there_are_none() -> None:
    found = sentences(
        None,
        ("The flood killed 17 people.", "2024-03-04"),
        ("The flood killed 23 people.", "2024-03-06"),
    )
    assert competing_with("17", found) == []


@pytest.mark.parametrize("published", [None, "2024-03-09"])
def test_nothing_is_newer_than_an_undated_or_the_newest(published: str | None) -> None:
    reader = ScriptedReader({"17": 6.0, "23": 5.0})
    found = sentences(
        reader,
        ("The flood killed 17 people.", published),
        ("The flood killed 23 people.", "2024-03-06"),
    )
    assert newest(span_of("17", found), competing_with("17", found)) is None


WHO = "Who resigned from the harbour council in Marlow?"
VOSS = ("Elena Voss resigned from the harbour council in Marlow.", None)
MAAS = ("Piet Maas resigned from the harbour council in Marlow.", None)


@pytest.mark.parametrize("sources", [("Paper 1", "Paper 1"), (None, None), ("Paper 1", None)])
def test_one_source_contradicts_itself_only_where_the_reader_is_sure(
    sources: Sequence[str | None],
) -> None:
    unsure, sure = (
        sentences(
            ScriptedReader({"Elena Voss": 9.0, "Piet Maas": odds}),
            VOSS,
            MAAS,
            question=WHO,
            sources=sources,
        )
        for odds in (6.5, 8.0)
    )
    assert competing_with("Elena Voss", unsure, WHO) == []
    assert [rival.span.text for rival in competing_with("Elena Voss", sure, WHO)] == ["Piet Maas"]


def test_another_source_is_heard_sooner_and_once() -> None:
    reader = ScriptedReader({"Elena Voss": 9.0, "Piet Maas": 6.5, "Ida Brandt": 6.2})
    brandt = ("Ida Brandt resigned from the harbour council in Marlow.", None)
    found = sentences(
        reader, VOSS, MAAS, brandt, question=WHO, sources=("Paper 1", "Paper 2", "Paper 2")
    )
    assert [rival.span.text for rival in competing_with("Elena Voss", found, WHO)] == ["Piet Maas"]
    doubtful = sentences(
        ScriptedReader({"Elena Voss": 9.0, "Piet Maas": 0.5}), VOSS, MAAS, question=WHO
    )
    assert competing_with("Elena Voss", doubtful, WHO) == []


def test_a_passage_that_speaks_of_less_contradicts_nothing() -> None:
    reader = ScriptedReader({"Elena Voss": 9.0, "Piet Maas": 9.0})
    assert (
        competing_with(
            "Elena Voss",
            sentences(reader, VOSS, ("Piet Maas left the bank.", None), question=WHO),
            WHO,
        )
        == []
    )


@pytest.mark.parametrize(
    ("later", "updates"),
    [
        ("In Hask a final toll of 23 was confirmed.", ["23"]),
        ("In Hask 23 bodies were found.", ["23"]),
        ("In Hask 23 sheep were killed.", []),  # of something else
        ("In Hask 23 more were killed.", []),  # added to others
        ("In Hask 23 were hurt.", []),
        ("In Brast a final toll of 23 was confirmed.", []),  # somewhere else
        ("In Hask 23 people were killed on March 2.", ["23"]),
        ("In Hask 23 people were killed on February 24.", []),  # another time
        ("In Hask 23 people were killed less than a week ago.", []),
    ],
)
def test_a_later_report_updates_a_count_in_words(later: str, updates: list[str]) -> None:
    question = "How many people were killed in Hask?"
    found = sentences(
        ScriptedReader({"17": 6.0, "23": -9.0}),
        ("In Hask 17 people were killed.", "2024-03-04"),
        (later, "2024-03-08"),
        question=question,
    )
    rivals = competing_with("17", found, question)
    assert [item.span.text for item in rivals if item.updates] == updates
    earlier = competing_with("23", found, question)
    assert not any(item.updates for item in earlier)


def test_the_day_of_the_event_itself_is_no_earlier_event() -> None:
    question = "How many people were killed in Hask on February 20?"
    found = sentences(
        ScriptedReader({"17": 6.0, "23": -9.0}),
        ("In Hask 17 people were killed.", "2024-03-04"),
        ("In Hask 23 people were killed on February 20.", "2024-03-08"),
        question=question,
    )
    assert [item.span.text for item in competing_with("17", found, question)] == ["23"]


def test_a_later_count_of_the_same_noun_alone_updates_nothing() -> None:
    question = "How many visitors had to leave Hask?"
    found = sentences(
        ScriptedReader({"10,000": 6.0, "4 million": -9.0}),
        ("In Hask 10,000 visitors had to leave.", "2024-03-04"),
        ("In Hask 4 million visitors were seen last season.", "2024-03-08"),
        question=question,
    )
    assert competing_with("10,000", found, question) == []


def test_reports_share_no_event_by_a_weekday_or_a_number() -> None:
    """For a question without names, two names that both reports have show one event."""
    early = "In Hask 17 people died on Wednesday 3 March, said Elena Voss."
    elsewhere = "In Brast 23 people died on Wednesday 3 March, said Piet Maas."
    again = "In Hask 23 people died on Wednesday 3 March, said Elena Voss."
    for later, updates in ((elsewhere, []), (again, ["23"])):
        found = sentences(
            ScriptedReader({"17": 6.0, "23": -9.0}), (early, "2024-03-04"), (later, "2024-03-08")
        )
        rivals = competing_with("17", found)
        assert [item.span.text for item in rivals if item.updates] == updates
