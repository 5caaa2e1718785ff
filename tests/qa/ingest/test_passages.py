"""Passages: any text is tiled in order, in runs of whole sentences of about one size."""

import time

from hypothesis import given, settings

from qa.ingest.passages import TARGET_WORDS, split
from qa.language.sentences import sentences
from qa.types import Article
from tests.support.texts import any_text, check_tiles, news_like


def _article(text: str, language: str | None = None) -> Article:
    return Article(id="a", text=text, language=language)


@settings(deadline=None)
@given(any_text | news_like)
def test_passages_tile_any_text_and_are_runs_of_whole_sentences(text: str) -> None:
    article = _article(text)
    passages = split(article)
    check_tiles(text, passages)
    assert {end for _, end in passages} <= {end for _, end in sentences(text)}


def test_an_empty_text_has_no_passage() -> None:
    assert split(_article("")) == []


def test_a_long_article_makes_passages_of_about_110_words() -> None:
    text = " ".join(
        f"On day {n} the old harbour master counted {n + 3} ships at the pier." for n in range(400)
    )
    sizes = [len(text[start:end].split()) for start, end in split(_article(text))]
    assert len(sizes) == round(len(text.split()) / TARGET_WORDS)
    # Evenly filled: no passage is further from the target than a sentence of 13 words is long.
    assert all(abs(size - 110) <= 13 for size in sizes), sizes


def test_a_short_article_is_one_passage() -> None:
    text = "Ships came. " * 20
    assert split(_article(text)) == [(0, len(text))]


def test_one_line_of_100_000_characters_makes_passages_in_no_time() -> None:
    text = ("harbour " * 12_500)[:100_000]
    started = time.process_time()
    passages = split(_article(text))
    assert time.process_time() - started < 5
    check_tiles(text, passages)
    sizes = [len(text[start:end].split()) for start, end in passages]
    assert max(sizes) <= 300
    assert sum(sizes) == 12_500


def test_a_text_without_spaces_between_words_makes_passages_of_bounded_size() -> None:
    text = "港口今天因为大雾关闭了，所有的渡轮都停航。" * 300
    passages = split(_article(text, "zh"))
    check_tiles(text, passages)
    # The rule: six characters a word where a script sets no spaces, 110 words a passage, so about
    # 660.
    assert all(500 <= end - start <= 820 for start, end in passages), [
        end - start for start, end in passages
    ]
    assert all(text[end - 1] == "。" for _, end in passages)


def test_the_same_text_is_always_split_the_same_way() -> None:
    text = "Ships came at 3 p.m. Tuesday. “Why?” he asked. Nobody knew.\n\n" * 50
    assert split(_article(text)) == split(_article(text))
