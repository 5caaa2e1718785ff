"""Which sentences become evidence, and what is read again more closely."""

from qa import tuning
from qa.answering.evidence import close_ups, rarity, read_closely, select
from qa.question import Question
from qa.types import Article, Hit, Passage, Scores, StoredArticle
from tests.support.fakes import ScriptedReader

TOLL = Question.parse("How many people did the flood kill?")


def hit(text: str, start: int = 0, rank: int = 1, score: float = 1.0) -> Hit:
    stored = StoredArticle(rank, "v", Article(id=f"a{rank}", text=text))
    return Hit(rank, score, Scores(), Passage(rank, stored, start, len(text)))


def test_the_sentence_that_speaks_of_the_question_and_has_its_kind_comes_first() -> None:
    text = "Rain fell for days. The flood killed 17 people. The mayor wept."
    found = select(TOLL, [hit(text)], 9)
    assert [item.n for item in found] == [1, 2, 3]
    assert found[0].text == "The flood killed 17 people."
    assert found[0].score > found[1].score


def test_no_more_sentences_than_asked_for() -> None:
    found = select(TOLL, [hit("Rain fell. The flood killed 17 people. The mayor wept.")], 1)
    assert [item.text for item in found] == ["The flood killed 17 people."]


def test_a_word_that_no_sentence_has_weighs_most() -> None:
    # log(1 + 2 / 2), log(1 + 2 / 1) and, for a word that nothing has, log(1 + 2 / 0.5)
    weights = rarity(["flood", "kill", "dam"], [{"flood", "kill"}, {"flood"}])
    assert {word: round(weight, 3) for word, weight in weights.items()} == {
        "flood": 0.693,
        "kill": 1.099,
        "dam": 1.609,
    }


def texts_of(text: str, words: str, start: int = 0) -> list[str]:
    found = select(TOLL, [hit(text, start)], 9)
    item = next(item for item in found if words in item.text)
    return [close.passage.text.strip() for close in close_ups(item)]


def test_a_sentence_is_read_again_with_its_neighbours_and_alone() -> None:
    text = "One came. Two came. Three came. Four came. Five came."
    assert texts_of(text, "Three") == ["Two came. Three came. Four came.", "Three came."]
    assert texts_of(text, "One") == ["One came. Two came.", "One came."]
    assert texts_of(text, "Five") == ["Four came. Five came.", "Five came."]
    # The passage starts at the second sentence: what is before it belongs to another.
    assert texts_of(text, "Two", start=10) == ["Two came. Three came.", "Two came."]


def test_only_the_best_sentences_are_read_again() -> None:
    text = " ".join(f"The flood killed {count} people." for count in range(10, 20))
    reader = ScriptedReader({})
    hits = [hit(text)]
    found = select(TOLL, hits, 16, reader.read(TOLL.text, hits))
    closer = read_closely(TOLL, found, reader)
    assert [len(item.closer) for item in closer] == [2] * tuning.CLOSE_UPS + [0] * 4
    assert [item.n for item in closer] == [item.n for item in found]
