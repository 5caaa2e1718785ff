"""Drafts of an archive: right offsets, spread, no two alike, and no answer where none may be."""

from collections import Counter
from pathlib import Path

import pytest

from eval.check import find_faults
from eval.drafting.asking import Asking
from eval.drafting.draft import Draft
from eval.drafting.make import make_drafts
from qa.archive.archive import Archive
from qa.errors import BadInput
from qa.types import Filters
from tests.support.archives import put
from tests.support.drafts import town_reports

pytestmark = pytest.mark.sqlite_only


def drafts_of(archive: Archive, wanted: int) -> list[Draft]:
    return make_drafts(archive, wanted)[0]


def test_every_draft_says_where_its_answer_is(archive: Archive, tmp_path: Path) -> None:
    put(archive, town_reports(), tmp_path)
    drafts = drafts_of(archive, 20)
    texts = {one["id"]: one["text"] for one in town_reports()}
    for draft in drafts:
        context = draft.context
        for span in draft.case.gold:
            quote = texts[span.article_id][span.start : span.end]
            assert quote == context.text[context.start : context.end]
            assert all(answer in quote for answer in draft.case.answers)
        if draft.case.answers:
            answer = context.text[context.answer_start : context.answer_end]
            assert (answer,) == draft.case.answers
    assert list(find_faults([draft.case for draft in drafts], archive)) == []


def test_kinds_sources_and_months_take_turns(archive: Archive, tmp_path: Path) -> None:
    put(archive, town_reports(), tmp_path)
    drafts = drafts_of(archive, 12)
    assert len(drafts) == 12
    answerable = [draft for draft in drafts if draft.case.answerable]
    assert Counter(draft.kind for draft in answerable).keys() == {"who", "how much", "said"}
    assert len({draft.context.source for draft in answerable}) == 3
    assert len({draft.context.article_id for draft in answerable}) >= 7
    assert len({draft.case.question for draft in drafts}) == 12


def test_the_same_archive_gives_the_same_drafts(archive: Archive, tmp_path: Path) -> None:
    put(archive, town_reports(), tmp_path)
    assert drafts_of(archive, 10) == drafts_of(archive, 10)


def test_an_unanswerable_question_is_asked_before_its_report_or_of_another(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, town_reports(), tmp_path)
    unanswerable = [draft for draft in drafts_of(archive, 20) if not draft.case.answerable]
    assert {draft.kind for draft in unanswerable} == {"removed", "renamed"}
    for draft in unanswerable:
        with archive.snapshot() as snapshot:
            seen = snapshot.articles(Filters(as_of=draft.case.as_of), 50)
        assert len(seen) >= 5
        if draft.kind == "removed":
            assert draft.context.article_id not in {one.article.id for one in seen}


def test_a_question_that_two_reports_answer_differently_is_no_case(
    archive: Archive, tmp_path: Path
) -> None:
    texts = {
        "a": "Mayor Ada Lind opened the Hask bridge.",
        "b": "Mayor Boris Falk opened the Hask bridge.",
        "c": "Mayor Clara Munk closed the Orle theatre in March.",
        "d": "On Friday Mayor Clara Munk closed the Orle theatre in March.",
    }
    put(archive, [{"id": name, "text": text} for name, text in texts.items()], tmp_path)
    (draft,) = [draft for draft in drafts_of(archive, 10) if draft.case.answerable]
    assert draft.case.answers == ("Clara Munk",)
    assert set(draft.case.relevant) == {"c", "d"}


def test_an_archive_without_dates_gives_cases_without_a_day(
    archive: Archive, tmp_path: Path
) -> None:
    undated = [{**one, "published_at": None} for one in town_reports()]
    put(archive, undated, tmp_path)
    drafts = drafts_of(archive, 20)
    assert {draft.case.as_of for draft in drafts} == {None}
    assert {draft.kind for draft in drafts if not draft.case.answerable} == {"renamed"}


def test_one_article_is_enough(archive: Archive, tmp_path: Path) -> None:
    put(archive, town_reports()[:1], tmp_path)
    drafts = drafts_of(archive, 50)
    assert [draft.kind for draft in drafts] == ["who", "how much", "said"]


def test_an_archive_that_gives_no_question_is_refused_with_the_reason(
    archive: Archive, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="no articles"):
        make_drafts(archive, 5)
    german = "Bürgermeisterin Ada Lind eröffnete die Brücke. Es regnete den ganzen Tag in Elmouth."
    put(archive, [{"id": "a", "text": german, "language": "de"}], tmp_path)
    with pytest.raises(BadInput, match="1 article read; without a draft: 1 in another language"):
        make_drafts(archive, 5)
    put(archive, [{"id": "b", "text": "Rain fell all day."}], tmp_path)
    with pytest.raises(BadInput, match=r"2 articles read.* 1 without a sentence that"):
        make_drafts(archive, 5)


def test_each_article_without_a_draft_has_a_reason(archive: Archive, tmp_path: Path) -> None:
    texts = {
        "drafted": "Mayor Ada Lind opened the Hask bridge.",
        "alike": "On Monday Mayor Ada Lind opened the Hask bridge.",
        "differs": "Mayor Clara Munk closed the Orle theatre. ",
        "differs too": "Mayor Boris Falk closed the Orle theatre.",
        "unclear": "Burke scored 24 points.",
        "no question": "Rain fell all day.",
    }
    articles = [{"id": name, "text": text} for name, text in texts.items()]
    put(archive, [*articles, {"id": "fr", "text": "Il pleut.", "language": "fr"}], tmp_path)
    drafts, left_out = make_drafts(archive, 10)
    assert len(drafts) == 1
    assert left_out.counts() == {
        "differs": 2,
        "alike": 1,
        "unclear": 1,
        "no question": 1,
        "language": 1,
    }
    assert str(left_out).startswith("7 articles read; without a draft: 2 with a question that")


def test_a_model_that_writes_nothing_sound_is_the_reason(archive: Archive, tmp_path: Path) -> None:
    class Silent:
        def reply(self, system: str, message: str) -> str:
            return ""

    texts = ["Mayor Ada Lind opened the Hask bridge.", "Rain fell all day."]
    put(archive, [{"id": text[:4], "text": text} for text in texts], tmp_path)
    _, left_out = make_drafts(archive, 10, Asking(Silent()))
    assert left_out.counts() == {"model": 1}


def test_other_reports_answer_only_where_the_answer_was_found_in_them(
    archive: Archive, tmp_path: Path
) -> None:
    said = "Ada Lind said that the Hask bridge repairs would begin soon."
    opened = "Mayor Ada Lind opened the Orle theatre."
    texts = {"a": said, "b": f"On Monday {said}", "c": opened, "d": f"In May {opened}"}
    put(archive, [{"id": name, "text": text} for name, text in texts.items()], tmp_path)
    reasons = {draft.kind: draft.why for draft in drafts_of(archive, 10)}
    assert reasons == {
        "said": "this sentence answers, as 1 other report may",
        "who": "this sentence answers, as 1 other report does",
    }
