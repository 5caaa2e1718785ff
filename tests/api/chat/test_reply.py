"""What an answer says in a chat."""

from api.chat.reply import reply_to
from qa.answer import Candidate, ShortAnswer
from tests.support.chats import ANSWER, NOT_FOUND, QUOTE
from tests.support.values import changed


def test_an_unsure_answer_never_looks_like_a_sure_one() -> None:
    unsure = changed(ANSWER, confidence=0.69)
    assert reply_to(unsure).plain.startswith("Not sure: USD 40 million")
    assert reply_to(changed(unsure, short_answer=None)).plain == f"Not sure: {QUOTE}"
    assert "Not sure" not in reply_to(changed(ANSWER, confidence=0.7)).plain


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
