"""Which reports are copies of one story."""

import pytest

from eval.research.copy_pairs import labelled_pairs
from qa.ingest.copies import Fingerprint, are_copies
from qa.types import Article

ARREST = "Police arrested the captain on Friday; his lawyer called it a disgrace."
WARNING = (
    "Forecasters had warned of gales, the harbour master told a local station, and the owner has"
    " not yet said who was on duty that morning."
)
WIRE = (
    "A passenger ferry carrying 92 people sank in heavy seas off Port Selwen on Tuesday, killing at"
    " least 14, the coastguard said. The Lady Orla had left the island of Hesk shortly after dawn"
    " when waves broke over its bow. Rescuers in inflatable boats pulled survivors from the water"
    " before nightfall. The transport ministry has ordered an inquiry."
)
FRAMED = f"This article first appeared elsewhere. {WIRE} Read more on our site."
BASE = Article(
    id="wire",
    title="Ferry sinks off Port Selwen",
    text=WIRE,
    source="Agency",
    published_at="2024-03-05",
)


def copied(**fields: str | None) -> bool:
    """Whether the report with these fields changed, and in other hands, is a copy of it."""
    other = BASE.model_copy(update={"id": "other", "source": "Herald", **fields})
    found = are_copies(Fingerprint(BASE), Fingerprint(other))
    assert found == are_copies(Fingerprint(other), Fingerprint(BASE)), "not symmetric"
    return found


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"title": "Disaster at sea"},
        {"title": None, "source": None, "published_at": None},
        {"text": FRAMED},
        {"text": WIRE[: WIRE.index("Rescuers")]},
        {"text": WIRE.replace("14", "fourteen").replace("at least", "no fewer than")},
        {"published_at": "2024-03-11"},
        {"text": WIRE.replace("Tuesday", "March 5")},
        {"text": WIRE.replace("The Lady Orla", "It")},
    ],
)
def test_what_another_paper_took_over_is_a_copy(fields: dict[str, str | None]) -> None:
    assert copied(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"text": WIRE.replace("14", "19")},
        {"text": WIRE.replace("island of Hesk", "island of Great Brenn")},
        {"text": WIRE.replace("at least 14", "nineteen")},
        {"text": WIRE.replace("Port Selwen", "Cape Murrow").replace("92", "140")},
        {"text": f"{ARREST} {WIRE[-150:]}"},
        {"text": f"{WIRE}\n\nCorrection: the ship was misspelt."},
        {"corrects": "wire"},
        {"published_at": "2024-03-13"},
        {
            "source": "Agency",
            "text": WIRE[: WIRE.index("Rescuers")] + WARNING,
        },
        {"source": "Agency", "published_at": "2024-03-07"},
    ],
)
def test_follow_ups_look_alikes_and_corrections_are_not_copies(
    fields: dict[str, str | None],
) -> None:
    assert not copied(**fields)


def test_pages_with_the_same_notice_and_other_titles_are_not_copies() -> None:
    notice = (
        "You have read all the free articles of this month, so subscribe today to go on reading."
    )
    one = Article(id="a", title="Storm over Harn", text=notice)
    other = Article(id="b", title="Bank raises rates", text=notice)
    assert not are_copies(Fingerprint(one), Fingerprint(other))


def test_copies_are_precise_on_the_labelled_pairs() -> None:
    """Pair precision of at least .98, on the half that no threshold was fitted on as well."""
    for half in ("fit", "report"):
        pairs = [pair for pair in labelled_pairs() if pair.half == half]
        found = [
            pair for pair in pairs if are_copies(Fingerprint(pair.one), Fingerprint(pair.other))
        ]
        right = sum(pair.copies for pair in found)
        assert right / len(found) >= 0.98
        assert right / sum(pair.copies for pair in pairs) >= 0.9


@pytest.mark.parametrize("text", ["", "One.", "The ferry to Hesk sailed on time on Monday."])
def test_a_short_text_is_a_copy_of_nothing(text: str) -> None:
    """A dozen words may be a pattern."""
    one, other = Article(id="a", text=text), Article(id="b", text=text)
    assert not are_copies(Fingerprint(one), Fingerprint(other))
