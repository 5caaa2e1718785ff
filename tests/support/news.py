"""A day of news in one small region: what two papers and a wire report when, and what is right to
answer at which hour, worked out by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.look_alikes import look_alikes

DAY = "2024-05-10"
COAST, HILL = "Coast Daily", "Hill Times"
QUARTERS = 48  # from 06:00 to 17:45
LOOK_ALIKES = 8  # in each quarter of an hour, half of them in each paper


@dataclass(frozen=True, slots=True)
class Report:
    """As a paper prints it. ``name`` is its address there; one that comes again is an update."""

    time: str
    name: str
    paper: str
    title: str
    paragraphs: Sequence[str]
    updated: str | None = None

    @property
    def arrives(self) -> str:
        """When the paper's feed lists it, so."""
        return self.updated or self.time


def story(
    time: str, name: str, paper: str, title: str, *paragraphs: str, updated: str | None = None
) -> Report:
    return Report(time, name, paper, title, paragraphs, updated)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """As the wire sends it, in ninjs: with ``fields`` that no feed can carry. ``name`` and
    ``corrects`` may be those of a paper's report.
    """

    time: str
    name: str
    title: str
    text: str
    fields: dict[str, Any] = field(default_factory=dict)
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question at ``time``. ``says``: the value of the short answer, or its text where it has no
    value, or words of whole sentences; None where there is no answer to give. ``cites``: the report
    on which it rests. ``state``: what has become of the answer at the end of the day.
    """

    time: str
    question: str
    says: str | None
    cites: str | None = None
    state: str | None = None
    filters: dict[str, Any] = field(default_factory=dict)


def moment(time: str) -> datetime:
    return datetime.fromisoformat(f"{DAY}T{time}:00").replace(tzinfo=UTC)


def at(time: str) -> str:
    return moment(time).isoformat()


def quarters() -> list[str]:
    """The times at which the feeds are checked."""
    first = moment("06:00")
    return [f"{first + timedelta(minutes=15 * number):%H:%M}" for number in range(QUARTERS)]


def everyday() -> list[Report]:
    """Look-alikes of the stories in other places: eight in the minutes before each check."""
    reports = []
    for number, found in enumerate(look_alikes(QUARTERS * LOOK_ALIKES)):
        quarter, place = divmod(number, LOOK_ALIKES)
        time = moment(quarters()[quarter]) - timedelta(minutes=LOOK_ALIKES - place)
        paper = COAST if number % 2 == 0 else HILL
        name = f"report-{number:03}"
        reports.append(Report(f"{time:%H:%M}", name, paper, found.title, found.paragraphs))
    return reports


FERRY = "Ferry Solvane sinks off Harrow Point"
SINKS = "The ferry Solvane sank off Harrow Point before dawn on its way from Port Eldric to Lunde."
ABOARD = (
    "The ship had 140 passengers and a crew of 22 on board, its owner Eldric Lines said. Fishing"
    " boats took most of them to Harrow Point."
)
CALLED = "The captain called for help at 04:40, said harbour master Ines Tolm."
RATE = "Bank of Tarn and its interest rate"
STORM = "Storm Petra cuts off villages"
CUT_OFF = (
    "The storm cut off the villages of Ansby, Tole and Wickmoor, where soldiers cleared the roads."
)
STORIES = [
    story("06:15", "ferry", COAST, FERRY,
        SINKS,
        "The coastguard said that 3 people died when the ferry Solvane sank. Helicopters are"
        " searching the bay.",
        ABOARD, CALLED),
    story("06:25", "mayor", COAST, "Election in Hask",
        "Lena Brask was elected mayor of Hask on Thursday night. Turnout was high.",
        "She is a doctor and wants to reopen the railway station of Hask, which was closed in"
        " 1998. Her opponent Mira Dahl asked for a recount.",
        "The council of Hask meets on Monday to swear in the mayor."),
    story("07:20", "museum", HILL, "Theft in the Brandt Museum",
        "Thieves stole 14 paintings from the Brandt Museum in Velby during the night.",
        "They had come through the roof and were gone after nine minutes, the police said. The"
        " director, Agathe Brandt, put the damage at 30 million crowns.",
        "The museum stays closed until Sunday."),
    story("07:25", "minister", HILL, "Minister resigns",
        "Fisheries minister Orla Finch resigned on Friday morning. She gave no reason.",
        "Finch had been in office for four years. Her deputy will run the ministry until the"
        " government has found a successor, its spokesman said.",
        "Fishermen in Port Eldric had protested against her quotas since March."),
    story("06:15", "ferry", COAST, FERRY,
        SINKS,
        "The coastguard said that 5 people died when the ferry Solvane sank. Divers have reached"
        " the wreck.",
        ABOARD, CALLED, updated="08:05"),
    story("08:25", "rate", COAST, RATE,
        "The Bank of Tarn raised its interest rate to 4.5 percent on Friday.",
        "Its governor, Halvar Rune, said that prices were rising faster than expected. House"
        " builders called the decision a mistake.",
        "The next meeting of the bank is in June."),
    story("08:50", "strike", COAST, "Strike at the Kestrel yard",
        "600 workers of the Kestrel yard went on strike on Friday because the owner had refused"
        " to raise their pay.",
        "“We will not go back before there is an offer,” said Petra Sand, the leader of the"
        " union.",
        "The yard builds two tankers, which were to be delivered in autumn."),
    story("09:20", "court", HILL, "Former banker Tomas Vell sentenced",
        "A court in Orrin Bay sentenced the former banker Tomas Vell to 6 years in prison for"
        " fraud.",
        "He had sold shares of a gold mine that did not exist, and 2,300 people lost their"
        " savings.",
        "His lawyer will appeal. Vell has been in custody since January."),
    story("10:05", "ferry-toll", HILL, "Toll of the ferry rises",
        "The death toll has risen. The police said that 9 people died when the ferry Solvane"
        " sank.",
        "Relatives are waiting in the school of Harrow Point, where the mayor has opened the"
        " gymnasium for them."),
    story("10:20", "storm", COAST, STORM,
        "Storm Petra left 12,000 homes on the island of Lunde without power.",
        CUT_OFF,
        "The power company expects to repair the lines by Saturday evening."),
    story("11:05", "vaccine", HILL, "Clinic of Velby tests a vaccine",
        "The clinic of Velby will test a vaccine against tick fever on 850 volunteers.",
        "The study is led by Professor Selma Okoro, who developed the vaccine with a firm in"
        " Tarn. First results are expected in 2026.",
        "Tick fever made 400 people ill last year."),
    story("10:20", "storm", COAST, STORM,
        "Storm Petra left 21,000 homes on the island of Lunde without power.",
        CUT_OFF,
        "The power company expects to repair the lines by Saturday evening.",
        "Correction: an earlier version of this report gave a wrong number of homes.",
        updated="11:35"),
    story("12:50", "tunnel", COAST, "Skarn Tunnel to open in October",
        "The Skarn Tunnel will open on 4 October, two years later than planned, the transport"
        " authority said.",
        "It cost 610 million euros. Trains will need 17 minutes from Hask to Tarn, which is half"
        " of the time today.",
        "Water had entered the tunnel in 2021."),
    story("13:25", "rate-new", COAST, RATE,
        "The Bank of Tarn left its interest rate at 4.25 percent on Friday.",
        "Its governor, Halvar Rune, said that the bank would wait for the figures of May.",
        "The next meeting of the bank is in June."),
    story("14:25", "ferry-cause", HILL, "Open door sank the Solvane",
        "The ferry Solvane sank because its bow door had been left open, the investigators said"
        " on Friday afternoon.",
        "A sensor of the door had been out of order since April. The owner, Eldric Lines, did not"
        " comment."),
    story("14:55", "strike-grows", HILL, "Strike at the Kestrel yard grows",
        "1,200 workers of the Kestrel yard are on strike now, the union said.",
        "Welders and painters joined the others at noon, and the gates of the yard are shut."),
    story("14:58", "strike-talks", COAST, "Talks at the Kestrel yard",
        "The owner of the Kestrel yard invited the union to talks on Monday.",
        "The union will answer on Saturday. Its members had voted for the strike with a large"
        " majority."),
    story("16:05", "marathon", HILL, "Record at the Hask marathon",
        "Joan Kiptoo won the Hask marathon in 2 hours and 19 minutes, a record of the course.",
        "She left Britta Aune four minutes behind. 3,400 people ran in the sun.",
        "The mayor of Velby gave up after half of the distance."),
]  # fmt: skip
WIRE = [
    Dispatch("07:00", "wall", "Port Eldric to rebuild its harbour wall",
        "The council of Port Eldric will spend 40 million euros on the harbour wall. Work starts in"
        " June and takes two years.", {"embargoed": at("11:00")}),
    Dispatch("09:00", "bridge", "Tamber Bridge closed",
        "The Tamber Bridge is closed because of an unexploded bomb. A dredger had found it in the"
        " river on Thursday evening.", {"expires": at("12:00")}),
    Dispatch("12:10", "ferry-fix", "Correction: ferry Solvane",
        "An earlier report said that 9 people died. The police now say that 8 people died when the"
        " ferry Solvane sank.", corrects="ferry-toll"),
    Dispatch("13:00", "rate", RATE, "", {"pubstatus": "canceled"}),
    Dispatch("14:00", "mayor-fix", "Correction: election in Hask",
        "Mira Dahl was elected mayor of Hask on Thursday night, after a recount.",
        corrects="mayor"),
]  # fmt: skip
WITHDRAWN = {"09:30": "minister"}  # by hand, as `dateline articles withdraw` does

# What the archive shows more (+) and less (-) at each check, of the stories.
SHOWN = {
    "06:15": "+ferry", "06:30": "+mayor", "07:30": "+museum +minister", "08:30": "+rate",
    "09:00": "+strike +bridge", "09:30": "+court -minister", "10:15": "+ferry-toll",
    "10:30": "+storm", "11:00": "+wall", "11:15": "+vaccine", "12:00": "-bridge",
    "12:15": "+ferry-fix", "13:00": "+tunnel -rate", "13:30": "+rate-new", "14:00": "+mayor-fix",
    "14:30": "+ferry-cause", "15:00": "+strike-grows +strike-talks", "16:15": "+marathon",
}  # fmt: skip
# How many reports it shows then: eight look-alikes for each check so far, and the stories.
HELD = {
    "06:00": 8,
    "06:30": 3 * 8 + 2,
    "09:45": 16 * 8 + 7,  # the minister has gone
    "12:30": 27 * 8 + 11,  # the bridge too
    "17:45": 48 * 8 + 17,  # and the bank: 20 have come
}
# What the checks of the two feeds did, where it was more than to add the quarter's look-alikes.
OUTCOMES = {
    "06:15": ("5 added", "4 added"),
    "06:30": ("5 added", "4 added"),
    "07:30": ("4 added", "6 added"),
    "08:15": ("4 added, 1 updated", "4 added"),
    "08:30": ("5 added", "4 added"),
    "09:00": ("5 added", "4 added"),
    "09:30": ("4 added", "5 added"),
    "10:15": ("4 added", "5 added"),
    "10:30": ("5 added", "4 added"),
    "11:15": ("4 added", "5 added"),
    "11:45": ("4 added, 1 updated", "4 added"),
    "13:00": ("5 added", "4 added"),
    "13:30": ("5 added", "4 added"),
    "14:30": ("4 added", "5 added"),
    "15:00": ("5 added", "5 added"),
    "16:15": ("4 added", "5 added"),
}
# When the answer to `DIED` changed: before and after.
EVENTS = {
    "06:15": (None, "3"),
    "08:15": ("3", "5"),
    "10:15": ("5", "9"),
    "12:15": ("9", "8"),
}

DIED = "How many people died when the ferry Solvane sank?"
MAYOR = "Who was elected mayor of Hask?"
WALL = "How much will Port Eldric spend on the harbour wall?"
MINISTER = "Which minister resigned on Friday?"
FISHERIES = "Who resigned as fisheries minister on Friday?"
BANK = "What is the interest rate of the Bank of Tarn?"
RAISED = "Did the Bank of Tarn raise its interest rate on Friday?"
STRIKE = "How many workers of the Kestrel yard are on strike?"
BRIDGE = "Which bridge is closed because of a bomb?"
HOMES = "How many homes did storm Petra leave without power?"
PASSENGERS = "How many passengers did the ferry Solvane have on board?"
OWNER = "Who owns the ferry Solvane?"
PAINTINGS = "How many paintings were stolen from the Brandt Museum?"
PRISON = "How long must Tomas Vell go to prison?"
VILLAGES = "Which villages did storm Petra cut off?"
PETRA = "What did Petra Sand say?"
WHY_STRIKE = "Why are the workers of the Kestrel yard on strike?"
WHY_SANK = "Why did the ferry Solvane sink?"
VOLUNTEERS = "How many volunteers will test the vaccine against tick fever?"
PROFESSOR = "Who leads the study of the vaccine against tick fever?"
TUNNEL = "When will the Skarn Tunnel open?"
COST = "How much did the Skarn Tunnel cost?"
MARATHON = "Who won the Hask marathon?"
# What no report says, though others do of another bank, ferry, town:
GORM = "Who was elected mayor of Gorm?"
CASTOR = "How many people died when the ferry Castor sank?"
VELBY = "What is the interest rate of the Bank of Velby?"
QUESTIONS = [
    Asked("06:00", DIED, None),
    Asked("06:00", GORM, None),
    Asked("06:30", DIED, "3", "ferry", "changed"),
    Asked("06:30", PASSENGERS, "140", "ferry", "current"),
    Asked("06:30", OWNER, "Eldric Lines", "ferry", "current"),
    Asked("06:30", CASTOR, None),
    Asked("06:45", MAYOR, "Lena Brask", "mayor", "changed"),
    Asked("06:45", WALL, None),
    Asked("07:45", WALL, None),  # it is stored, under embargo
    Asked("07:45", MINISTER, "Orla Finch", "minister", "withdrawn"),
    Asked("07:45", FISHERIES, "Orla Finch", "minister", "withdrawn"),
    Asked("07:45", PAINTINGS, "14", "museum", "current"),
    Asked("08:45", DIED, "5", "ferry", "changed"),
    Asked("08:45", BANK, "4.5", "rate", "withdrawn"),
    Asked("08:45", RAISED, "true", "rate", "withdrawn"),
    Asked("08:45", VELBY, None),
    Asked("09:45", FISHERIES, None),  # withdrawn
    Asked("09:45", STRIKE, "600", "strike", "changed"),
    Asked("09:45", WHY_STRIKE, "the owner had refused to raise their pay", "strike", "current"),
    Asked("09:45", PETRA, "We will not go back before there is an offer", "strike", "current"),
    Asked("09:45", BRIDGE, "Tamber Bridge", "bridge", "withdrawn"),
    Asked("09:45", PRISON, "P6Y", "court", "current"),
    Asked("10:30", DIED, "9", "ferry-toll", "changed"),
    Asked("10:30", DIED, "5", "ferry", "current", {"as_of": at("09:00")}),
    Asked("10:30", HOMES, "12000", "storm", "changed"),
    Asked("10:30", VILLAGES, "Ansby; Tole; Wickmoor", "storm", "current"),
    Asked("11:15", WALL, "40000000", "wall", "current"),
    Asked("11:15", WALL, None, filters={"as_of": at("10:00")}),
    Asked("11:15", VOLUNTEERS, "850", "vaccine", "current"),
    Asked("11:15", PROFESSOR, "Professor Selma Okoro", "vaccine", "current"),
    Asked("11:45", HOMES, "21000", "storm", "current"),
    Asked("12:30", DIED, "8", "ferry-fix", "current"),
    Asked("12:30", DIED, "5", "ferry", "current", {"known_at": at("09:00")}),
    Asked("12:30", BRIDGE, None),  # its term has ended
    Asked("13:15", BANK, None),  # withdrawn, nothing in its place
    Asked("13:15", TUNNEL, "2024-10-04", "tunnel", "current"),
    Asked("13:15", COST, "610000000", "tunnel", "current"),
    Asked("13:45", BANK, "4.25", "rate-new", "current"),
    Asked("13:45", RAISED, None),  # "left it at" would be a no; it is not taken for one
    Asked("14:15", MAYOR, "Mira Dahl", "mayor-fix", "current"),
    Asked("14:45", WHY_SANK, "its bow door had been left open", "ferry-cause", "current"),
    Asked("15:30", STRIKE, "1200", "strike-grows", "current"),
    Asked("16:15", MARATHON, "Joan Kiptoo", "marathon", "current"),
    Asked("17:45", CASTOR, None),
    Asked("17:45", GORM, None),
    Asked("17:45", PAINTINGS, "14", "museum", "current"),
    Asked("17:45", DIED, "8", "ferry-fix", "current"),
]
