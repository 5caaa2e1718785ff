"""A day of news in one small region: reports, updates, corrections, withdrawals, an embargo, a
term; and what is right to answer at which hour.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

DAY = "2024-05-10"
TOWNS = ("Port Eldric", "Hask", "Velby", "Orrin", "Lunde", "Marrow", "Stell", "Quill")


@dataclass(frozen=True, slots=True)
class Step:
    """At ``time`` (HH:MM) these records arrive, and these articles are withdrawn."""

    time: str
    records: Sequence[dict[str, Any]] = ()
    withdrawn: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question at ``time``. ``value``: of the short answer (its text where it has no value), None
    where there is none to give; ``cites``: the articles, in order. ``story``: the articles that the
    answer could be about; ``shows``: words of the one that is right, None where none is visible.
    """

    time: str
    question: str
    value: str | None
    cites: Sequence[str]
    story: Sequence[str]
    shows: str | None
    filters: dict[str, Any] = field(default_factory=dict)


def moment(time: str) -> datetime:
    return datetime.fromisoformat(f"{DAY}T{time}:00").replace(tzinfo=UTC)


def at(time: str) -> str:
    return moment(time).isoformat()


def report(time: str, identity: str, title: str, text: str, **fields: Any) -> dict[str, Any]:
    source = fields.pop("source", "Coast Daily")
    return {
        "id": identity,
        "title": title,
        "text": text,
        "published_at": at(time),
        "source": source,
        **fields,
    }


def everyday() -> Iterator[tuple[str, dict[str, Any]]]:
    """48 reports of no story, through the day."""
    for number, town in enumerate(TOWNS):
        hour = f"{6 + number:02}"
        other = TOWNS[number - 1]
        for minute, name, title, text in (
            ("02", "weather", f"Weather in {town}",
             f"{town} can expect sunshine and {12 + number} degrees. Rain comes at night."),
            ("04", "market", f"Market prices in {town}",
             f"A crate of apples cost {20 + number} crowns on the market of {town}."),
            ("06", "match", f"{town} beats {other}",
             f"The handball team of {town} beat {other} by {24 + number} goals to 19."),
            ("08", "school", f"New school for {town}",
             f"The school board of {town} chose an architect for its new gymnasium."),
            ("10", "fair", f"Book fair in {town}",
             f"The book fair of {town} drew {300 + 10 * number} visitors on its first day."),
            ("12", "road", f"Road works near {town}",
             f"Workers will repair the coast road near {town} for {number + 2} weeks."),
        ):  # fmt: skip
            time = f"{hour}:{minute}"
            yield time, report(time, f"{name}-{number}", title, text, source="Hill Times")


FERRY = "Ferry Solvane sinks off Harrow Point"
RATE = "Bank of Tarn and its interest rate"
STORIES = [
    Step("06:20", [report("06:15", "ferry", FERRY,
         "The ferry Solvane sank off Harrow Point before dawn. The coastguard said that 3 people"
         " died when the ferry Solvane sank. Helicopters are searching the bay.")]),
    Step("06:30", [report("06:25", "mayor", "Election in Hask",
         "Lena Brask was elected mayor of Hask on Thursday night. Turnout was high.")]),
    Step("07:00", [report("07:00", "wall", "Port Eldric to rebuild its harbour wall",
         "The council of Port Eldric will spend 40 million euros on the harbour wall. Work starts"
         " in June.", embargoed_until=at("11:00"))]),
    Step("07:30", [report("07:25", "minister", "Minister resigns",
         "Fisheries minister Orla Finch resigned on Friday morning. She gave no reason.",
         source="Hill Times")]),
    Step("08:10", [report("06:15", "ferry", FERRY,
         "The ferry Solvane sank off Harrow Point before dawn. The coastguard said that 5 people"
         " died when the ferry Solvane sank. Divers have reached the wreck.",
         updated_at=at("08:05"))]),
    Step("08:30", [report("08:25", "rate", RATE,
         "The Bank of Tarn raised its interest rate to 4.5 percent on Friday.")]),
    Step("09:00", [
         report("08:50", "strike", "Strike at the Kestrel yard",
         "600 workers of the Kestrel yard went on strike on Friday. They want higher pay."),
         report("08:55", "bridge", "Tamber Bridge closed",
         "The Tamber Bridge is closed because of an unexploded bomb.",
         expires_at=at("12:00"))]),
    Step("09:30", withdrawn=["minister"]),
    Step("10:10", [report("10:05", "ferry-toll", "Toll of the ferry rises",
         "The death toll has risen. The police said that 9 people died when the ferry Solvane"
         " sank.", source="Hill Times")]),
    Step("12:10", [report("12:05", "ferry-fix", "Correction: ferry Solvane",
         "An earlier report said that 9 people died. The police now say that 8 people died when"
         " the ferry Solvane sank.", source="Hill Times", corrects="ferry-toll")]),
    Step("13:00", withdrawn=["rate"]),
    Step("13:30", [report("13:25", "rate-new", RATE,
         "The Bank of Tarn left its interest rate at 4.25 percent on Friday.")]),
    Step("14:00", [report("13:55", "mayor-fix", "Correction: election in Hask",
         "Mira Dahl was elected mayor of Hask on Thursday night, after a recount.",
         corrects="mayor")]),
    Step("15:00", [report("14:55", "strike-grows", "Strike at the Kestrel yard grows",
         "1,200 workers of the Kestrel yard are on strike now, the union said."),
         report("14:58", "strike-talks", "Talks at the Kestrel yard",
         "The owner of the Kestrel yard invited the union to talks on Monday.")]),
]  # fmt: skip

DIED = "How many people died when the ferry Solvane sank?"
MAYOR = "Who was elected mayor of Hask?"
WALL = "How much will Port Eldric spend on the harbour wall?"
MINISTER = "Which minister resigned on Friday?"
BANK = "What is the interest rate of the Bank of Tarn?"
STRIKE = "How many workers of the Kestrel yard are on strike?"
BRIDGE = "Which bridge is closed because of a bomb?"
FERRY_STORY = ("ferry", "ferry-toll", "ferry-fix")
MAYOR_STORY = ("mayor", "mayor-fix")
RATE_STORY = ("rate", "rate-new")
STRIKE_STORY = ("strike", "strike-grows")
QUESTIONS = [
    Asked("06:10", DIED, None, [], FERRY_STORY, None),
    Asked("06:45", DIED, "3", ["ferry"], FERRY_STORY, "3 people"),
    Asked("06:45", MAYOR, "Lena Brask", ["mayor"], MAYOR_STORY, "Lena Brask"),
    Asked("06:45", WALL, None, [], ["wall"], None),
    Asked("07:45", WALL, None, [], ["wall"], None),  # it is stored, under embargo
    Asked("07:45", MINISTER, "Orla Finch", ["minister"], ["minister"], "Orla Finch"),
    Asked("08:45", DIED, "5", ["ferry"], FERRY_STORY, "5 people"),
    Asked("08:45", BANK, "4.5", ["rate"], RATE_STORY, "4.5 percent"),
    Asked("09:45", MINISTER, None, [], ["minister"], None),  # withdrawn
    Asked("09:45", STRIKE, "600", ["strike"], STRIKE_STORY, "600"),
    Asked("09:45", BRIDGE, "Tamber Bridge", ["bridge"], ["bridge"], "Tamber Bridge"),
    Asked("10:30", DIED, "9", ["ferry-toll"], FERRY_STORY, "9 people"),
    Asked("10:30", DIED, "5", ["ferry"], FERRY_STORY, "5 people", {"as_of": at("09:00")}),
    Asked("11:15", WALL, "40000000", ["wall"], ["wall"], "40 million euros"),
    Asked("11:15", WALL, None, [], ["wall"], None, {"as_of": at("10:00")}),
    Asked("12:30", DIED, "8", ["ferry-fix"], FERRY_STORY, "8 people"),
    Asked("12:30", DIED, "5", ["ferry"], FERRY_STORY, "5 people", {"known_at": at("09:00")}),
    Asked("12:30", BRIDGE, None, [], ["bridge"], None),  # its term has ended
    Asked("13:15", BANK, None, [], RATE_STORY, None),  # withdrawn, nothing in its place
    Asked("13:45", BANK, "4.25", ["rate-new"], RATE_STORY, "4.25 percent"),
    Asked("14:15", MAYOR, "Mira Dahl", ["mayor-fix"], MAYOR_STORY, "Mira Dahl"),
    Asked("15:30", STRIKE, "1200", ["strike-grows"], STRIKE_STORY, "1,200"),
]  # fmt: skip


def steps() -> list[Step]:
    """Every step of the day in order."""
    quiet = [Step(time, [record]) for time, record in everyday()]
    return sorted([*quiet, *STORIES], key=lambda step: step.time)
