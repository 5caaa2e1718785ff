"""Questions that ask the same are one, in the wording that is used most."""

from qa.archive.asked import Wording
from qa.retrieval.alike import Cluster, cluster
from tests.support.fakes import BagOfWordsEmbedder

DAY = 86_400.0


def asked(text: str, count: int, answered: int, day: int = 1) -> Wording:
    return Wording(text, count, answered, day * DAY)


def test_wordings_that_are_near_are_counted_together() -> None:
    wordings = [
        asked("who opened the new bridge in the city", 5, 4),
        asked("what did the minister say of the harbour", 4, 0, day=3),
        asked("who opened the new bridge in that city", 2, 2, day=9),
        asked("who opened a new bridge in the city", 1, 0),
    ]
    seen: list[tuple[int, int]] = []
    found = cluster(wordings, BagOfWordsEmbedder(), lambda *done: seen.append(done))
    assert found == [
        Cluster(
            question="who opened the new bridge in the city",
            count=8,
            answered=0.75,
            last_asked="1970-01-10",
            examples=(wordings[2].text, wordings[3].text),
        ),
        Cluster(wordings[1].text, 4, 0.0, "1970-01-04", ()),
    ]
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_group_may_overtake_a_single_wording() -> None:
    wordings = [
        asked("what did the minister say of the harbour", 4, 0),
        asked("who opened the new bridge in the city", 3, 0),
        asked("who opened the new bridge in that city", 2, 0),
    ]
    assert [one.count for one in cluster(wordings, BagOfWordsEmbedder())] == [5, 4]


def test_questions_about_different_names_stay_apart() -> None:
    """A question that names nobody may be about either; the nearest takes it."""
    wordings = [
        asked("how many people died in the fire of Hask", 3, 3),
        asked("how many people died in the fire of Velm", 2, 0),
        asked("how many people died in the fire of hask", 1, 1),
    ]
    found = cluster(wordings, BagOfWordsEmbedder())
    assert [(one.question[-4:], one.count) for one in found] == [("Hask", 4), ("Velm", 2)]


def test_near_questions_that_want_another_kind_of_answer_stay_apart() -> None:
    wordings = [
        asked("who opened the new bridge in the old city of Hask", 2, 2),
        asked("when opened the new bridge in the old city of Hask", 1, 0),
    ]
    assert len(cluster(wordings, BagOfWordsEmbedder())) == 2


def test_nothing_asked_is_no_cluster() -> None:
    assert cluster([], BagOfWordsEmbedder()) == []
