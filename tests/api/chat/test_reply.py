"""What an answer says in a chat."""

from api.chat.reply import reply_to
from qa.answer import Candidate, Coverage, Item, OtherReport, ShortAnswer, StatementOutput
from tests.support.chats import ANSWER, CITATION, NOT_FOUND, QUOTE
from tests.support.values import changed


def test_an_unsure_answer_never_looks_like_a_sure_one() -> None:
    unsure = changed(ANSWER, confidence=0.49)
    assert reply_to(unsure).plain.startswith("Not sure: USD 40 million")
    assert reply_to(changed(unsure, short_answer=None)).plain == f"Not sure: {QUOTE}"
    assert "Not sure" not in reply_to(changed(ANSWER, confidence=0.6)).plain


def test_not_found_names_the_rejected_candidate_with_its_confidence() -> None:
    rejected = changed(NOT_FOUND, candidate=Candidate(text="USD 30\nmillion", confidence=0.32))
    reply = reply_to(rejected)
    assert reply.headline == "Not found in the archive"
    assert reply.notes == ("Not sure: USD 30 million (confidence 0.32)",)


def test_a_yes_is_said_first_and_a_sentence_only_once() -> None:
    yes = reply_to(
        changed(
            ANSWER,
            answer="Yes, it did.",
            short_answer=ShortAnswer(text="yes", kind="boolean", value="true"),
        )
    )
    assert (yes.headline, yes.text) == ("Yes", "Yes, it did.")
    short = reply_to(changed(ANSWER, answer="USD 40 million"))
    assert (short.headline, short.text) == ("USD 40 million", "")
    long = reply_to(changed(ANSWER, short_answer=None))
    assert (long.headline, long.text) == ("", QUOTE)


def test_a_list_has_a_line_for_each_item() -> None:
    items = tuple(Item(text=text, kind="text", citations=(1,)) for text in ("Brast", "Hask\nCity"))
    reply = reply_to(
        changed(ANSWER, form="list", answer="Brast; Hask City", items=items, short_answer=None)
    )
    assert reply.text == "• Brast [1]\n• Hask City [1]"
    assert reply.plain == "• Brast [1] • Hask City [1]"


def test_a_brief_has_a_dated_line_for_each_report() -> None:
    said = StatementOutput(text=QUOTE, start=0, end=len(QUOTE), citations=(1,))
    reply = reply_to(changed(ANSWER, form="brief", statements=(said,)))
    assert (reply.headline, reply.text) == ("", f"• 2024-03-04: {QUOTE} [1]")


def test_whole_sentences_are_not_headed_by_a_clause() -> None:
    reply = reply_to(changed(ANSWER, form="sentences"))
    assert (reply.headline, reply.text) == ("", QUOTE)


def test_a_source_names_who_speaks_and_who_else_reports_it() -> None:
    others = (OtherReport(article_id="b", source="Hill Times"),)
    cited = changed(CITATION, speaker="Ada Lind", also_reported_by=others)
    (source,) = reply_to(changed(ANSWER, citations=(cited,))).sources
    assert source.details == "Coast Daily · 2024-03-04 · quoting Ada Lind · also in Hill Times"


def test_an_unknown_is_noted_and_several_sources_are_counted() -> None:
    reply = reply_to(
        changed(
            ANSWER,
            reason="the reports say that this is not known",
            reason_code="reports_say_unknown",
            independent_sources=2,
        )
    )
    assert reply.notes == (
        "Confidence 0.91 · 2 independent sources",
        "The reports say that this is not known",
    )


def test_not_found_says_how_much_the_archive_holds() -> None:
    coverage = Coverage(articles=1, newest_published_at=None, last_ingested_at=None)
    assert "The archive holds 1 article." in reply_to(changed(NOT_FOUND, coverage=coverage)).notes
