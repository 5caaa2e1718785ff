"""Each article that gave no draft is counted once, with the last reason."""

from eval.drafting.left_out import LeftOut


def test_an_article_counts_once_and_not_at_all_with_a_draft() -> None:
    left_out = LeftOut()
    left_out.read = 1
    assert str(left_out) == "1 article read; without a draft: 0"
    left_out.read = 4
    for name in ("a", "b"):
        left_out.note(name, "no question")
    left_out.note("c", "alike")
    left_out.note("c", "differs")
    left_out.note("d", "alike")
    left_out.add_draft("d")
    left_out.note("d", "differs")  # its next question
    assert left_out.counts() == {"no question": 2, "differs": 1}
    assert str(left_out) == (
        "4 articles read; without a draft: 2 without a sentence that the rules make a question of,"
        " 1 with a question that another report may answer differently"
    )
