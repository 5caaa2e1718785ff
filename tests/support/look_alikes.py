"""Made-up reports of the kinds of events that a day of news is about, in other places."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

TOWNS = (
    "Aldbruck", "Brenn", "Corvik", "Dunmar", "Elsig", "Farrow", "Gellen", "Hovik", "Ister",
    "Jorvin", "Kelda", "Lomme", "Marrow", "Nesby", "Ostrand", "Pellin", "Quill", "Rosk", "Stell",
    "Tarvik", "Ulmen", "Vessing", "Wexdorf", "Ystad Cove", "Zellin", "Orrin",
)  # fmt: skip
FIRST = ("Anna", "Bela", "Carl", "Dora", "Emil", "Frida", "Gero", "Hanna", "Ivo", "Jutta", "Kurt",
         "Lotte", "Marek", "Nina", "Oskar", "Paula", "Rolf", "Sofia", "Timo", "Ulla")  # fmt: skip
LAST = ("Albers", "Bloom", "Carden", "Dreyer", "Engel", "Falk", "Grohn", "Hartig", "Imhof",
        "Jessen", "Kohler", "Lorenz", "Moser", "Novak", "Olsen", "Prager", "Reuter", "Seidel",
        "Tanner", "Voss")  # fmt: skip
SHIPS = ("Aldora", "Brigantia", "Corinna", "Dagmar", "Estrella", "Fjordlys", "Galatea", "Helvig",
         "Isolde", "Juno", "Karelia", "Lorna", "Marenka", "Nerissa", "Ottilie", "Philippa",
         "Regina", "Sirena", "Thalia", "Undine", "Valeska", "Winifred", "Xenia", "Yolande",
         "Zephyr", "Ondine")  # fmt: skip
POSTS = ("transport", "health", "education", "housing", "energy", "justice", "defence", "finance",
         "culture", "labour", "interior", "science", "trade")  # fmt: skip
WORKS = ("mill", "foundry", "brewery", "brickworks", "cannery", "depot", "glassworks", "tannery")
THINGS = ("a new swimming pool", "its town hall roof", "a bus station", "street lamps",
          "a fire engine", "the market square", "a sewage plant", "two playgrounds")  # fmt: skip
STORMS = ("Agnes", "Bruno", "Clara", "Dirk", "Elena", "Fabian", "Greta", "Hugo", "Irma", "Jonas",
          "Klara", "Ludwig", "Milla", "Nils", "Olga", "Pavel", "Quirin", "Rita", "Sven", "Tilda",
          "Urs", "Vera", "Wanda", "Xaver", "Yvo", "Zita")  # fmt: skip
CRIMES = ("fraud", "arson", "smuggling", "theft", "forgery", "bribery")
REASONS = ("rusted cables", "a landslide", "a burst pipe", "loose planks", "a lorry accident")
SAID = ("said on Friday", "told reporters", "said in a statement", "wrote to residents")


@dataclass(frozen=True, slots=True)
class LookAlike:
    title: str
    paragraphs: Sequence[str]


def report(title: str, *paragraphs: str) -> LookAlike:
    return LookAlike(title, paragraphs)


def look_alikes(count: int) -> list[LookAlike]:
    """``count`` reports, the same each time; no two of a kind from one town."""
    drawn = random.Random(20240510)  # no secret
    pairs = [(kind, number) for kind in KINDS for number in range(len(TOWNS))]
    drawn.shuffle(pairs)
    return [kind(_Place(number, drawn)) for kind, number in pairs[:count]]


class _Place:
    """A town with the names and numbers of its report."""

    def __init__(self, number: int, drawn: random.Random) -> None:
        self.number = number
        self.town = TOWNS[number]
        self.other = TOWNS[number - 5]
        self.draw = drawn

    def of(self, names: Sequence[str]) -> str:
        """The town's own of these names."""
        return names[self.number % len(names)]

    def any(self, *texts: str) -> str:
        return self.draw.choice(texts)

    def person(self) -> str:
        return f"{self.draw.choice(FIRST)} {self.draw.choice(LAST)}"

    def some(self, least: int, most: int, step: int = 1) -> int:
        return self.draw.randrange(least, most, step)

    def says(self) -> str:
        return f"{self.person()} {self.draw.choice(SAID)}"


def _ferry(at: _Place) -> LookAlike:
    ship, dead = at.of(SHIPS), at.some(2, 40)
    return report(
        at.any(f"Ferry {ship} in distress", f"Ferry accident near {at.town}"),
        at.any(
            f"The ferry {ship} ran aground near {at.town} with {at.some(30, 90)} passengers.",
            f"Fire broke out on the ferry {ship} as it left {at.town} early on Friday.",
            f"The ferry {ship} collided with a trawler outside the harbour of {at.town}.",
        ),
        at.any(
            f"{dead} people were hurt on the ferry {ship}, the coastguard of {at.town} said.",
            f"Rescuers said that {dead} people of the ferry {ship} were taken to hospital.",
            f"{dead} people died when the sister ship of the {ship} sank eleven years ago.",
        ),
        at.any(
            f"It sails between {at.town} and {at.other} twice a day, and did so on Thursday.",
            f"Tugs brought the ship to {at.other}, where divers will look at its hull.",
            f"The harbour of {at.town} was closed. {at.says()} that it was bad luck.",
        ),
    )


def _mayor(at: _Place) -> LookAlike:
    winner, loser = at.person(), at.person()
    return report(
        at.any(f"{at.town} has a new mayor", f"Election in {at.town}", f"{at.town} votes"),
        at.any(
            f"{winner} was elected mayor of {at.town} with {at.some(51, 68)} percent.",
            f"The voters of {at.town} made {winner} their mayor on Thursday, ahead of {loser}.",
            f"{winner} beat {loser} in the election for mayor of {at.town}.",
        ),
        at.any(
            f"{loser} congratulated the winner in the evening. Rents were the main issue.",
            f"The new mayor wants more buses and promised to open the books of {at.town}.",
            "Counting took until midnight, as two of the ballot boxes had come late.",
        ),
        f"{at.some(41, 77)} percent of the citizens of {at.town} voted. {at.says()} that the"
        f" council would meet on {at.any('Monday', 'Tuesday', 'Wednesday')}.",
    )


def _minister(at: _Place) -> LookAlike:
    post, name = at.of(POSTS), at.person()
    return report(
        at.any(f"{post.capitalize()} minister visits {at.town}", f"Row over {post} in {at.town}"),
        at.any(
            f"{post.capitalize()} minister {name} defended his plans in {at.town}.",
            f"The opposition in {at.town} asked {post} minister {name} to resign.",
            f"{post.capitalize()} minister {name} promised {at.town} a million euros.",
        ),
        f"{at.some(200, 900)} people came to the hall. {at.says()} that nobody had been asked.",
        at.any(
            f"The minister left for {at.other} in the afternoon and took no questions.",
            f"A predecessor of {name} resigned two years ago over a contract.",
            f"The {post} ministry will publish its figures next month.",
        ),
    )


def _rate(at: _Place) -> LookAlike:
    rate = f"{at.some(1, 7)}.{at.any('25', '5', '75')}"
    return report(
        at.any(f"Bank of {at.town} and its interest rate", f"Bank of {at.town} decides"),
        at.any(
            f"The Bank of {at.town} raised its interest rate to {rate} percent on Friday.",
            f"The Bank of {at.town} left its interest rate at {rate} percent on Friday.",
            f"The Bank of {at.town} cut its interest rate to {rate} percent on Friday.",
        ),
        f"Its governor, {at.person()}, expects prices to rise by {at.some(1, 6)} percent this"
        f" year. Exporters in {at.other} had hoped for another decision.",
        at.any(
            f"The next meeting is in {at.any('June', 'July', 'August')}.",
            f"{at.says()} that borrowers in {at.town} would hardly notice.",
        ),
    )


def _strike(at: _Place) -> LookAlike:
    work, many = at.of(WORKS), at.some(60, 990, 10)
    return report(
        at.any(f"Strike at the {at.town} {work}", f"Workers of the {at.town} {work} walk out"),
        at.any(
            f"{many} workers of the {at.town} {work} went on strike on Friday.",
            f"The strike at the {at.town} {work} has gone on for {at.some(2, 9)} days.",
            f"{many} workers of the {at.town} {work} stopped work for a day.",
        ),
        at.any(
            "They want shorter shifts, the union said. The owner offered a bonus.",
            f"They fear for their jobs, as the {work} is to move to {at.other}.",
            f"They ask for {at.some(3, 9)} percent more pay, which the owner refused.",
        ),
        f"{at.says()} that talks in {at.town} would take until the end of the month.",
    )


def _bridge(at: _Place) -> LookAlike:
    return report(
        at.any(f"{at.town} Bridge closed", f"Traffic jams around {at.town}"),
        f"The {at.town} Bridge is closed because of {at.of(REASONS)}, the police said.",
        f"Drivers must take the road through {at.other}, which costs them"
        f" {at.some(10, 50)} minutes. {at.says()} that signs had been put up.",
        at.any(
            f"The bridge was built in {at.some(1880, 1975)}. Engineers will look at it.",
            f"{at.some(4, 19)} thousand cars cross the bridge on a working day.",
        ),
    )


def _spending(at: _Place) -> LookAlike:
    thing, sum_ = at.of(THINGS), at.some(2, 90)
    return report(
        at.any(f"{at.town} to pay for {thing}", f"Council of {at.town} decides"),
        at.any(
            f"The council of {at.town} will spend {sum_} million euros on {thing}.",
            f"{at.town} will pay {sum_} million euros for {thing}, its council decided.",
        ),
        f"Work starts in {at.any('July', 'August', 'October')} and takes {at.some(5, 30)} months."
        f" {at.says()} that the money came from the sale of land.",
        at.any(
            f"{at.some(3, 9)} members of the council voted against it.",
            f"A firm from {at.other} has the contract.",
        ),
    )


def _storm(at: _Place) -> LookAlike:
    storm, homes = at.of(STORMS), at.some(2, 40) * 500
    return report(
        at.any(f"Storm {storm} hits {at.town}", f"{at.town} after storm {storm}"),
        at.any(
            f"Storm {storm} left {homes:,} homes around {at.town} without power.",
            f"After storm {storm} {homes:,} homes near {at.town} had no power on Friday.",
        ),
        f"Gusts reached {at.some(95, 150)} kilometres an hour. {at.says()} that"
        f" {at.some(20, 90)} trees had fallen.",
        f"Trains between {at.town} and {at.other} are late. Repairs take"
        f" {at.any('a day', 'two days', 'the weekend')}.",
    )


def _court(at: _Place) -> LookAlike:
    crime, name = at.of(CRIMES), at.person()
    return report(
        at.any(f"Court of {at.town} rules", f"Verdict on {crime} in {at.town}"),
        at.any(
            f"A court in {at.town} sentenced {name} to {at.some(2, 15)} years in prison for"
            f" {crime}.",
            f"{name} was acquitted of {crime} by a court in {at.town}.",
        ),
        f"The trial took {at.some(3, 40)} days, and {at.some(5, 60)} witnesses were heard.",
        at.any(
            f"The defence will appeal. {at.says()} that the sentence was too hard.",
            f"Another trial about {crime} begins in {at.other} next week.",
        ),
    )


def _weather(at: _Place) -> LookAlike:
    return report(
        f"Weather in {at.town}",
        f"{at.town} can expect {at.any('sunshine', 'clouds', 'fog')} and {at.some(8, 27)}"
        " degrees on Saturday.",
        f"{at.any('Rain', 'Wind', 'Hail')} comes at night, and {at.other} will get more of it.",
        f"On Friday {at.some(2, 40)} millimetres of rain fell in {at.town}, {at.says()}.",
    )


def _market(at: _Place) -> LookAlike:
    fruit = at.any("apples", "pears", "plums", "leeks")
    return report(
        f"Market prices in {at.town}",
        f"A crate of {fruit} cost {at.some(18, 60)} crowns on the market of {at.town}.",
        f"That is {at.some(2, 12)} percent more than a week ago. Fish was dear as well.",
        f"Traders from {at.other} had stayed away, {at.says()}.",
    )


def _match(at: _Place) -> LookAlike:
    game = at.any("handball", "hockey", "basketball")
    return report(
        f"{at.town} beats {at.other}",
        f"The {game} team of {at.town} beat {at.other} by {at.some(24, 40)} goals to"
        f" {at.some(9, 23)}.",
        f"{at.person()} scored {at.some(4, 12)} times before {at.some(300, 4000)} spectators.",
        f"The next match of {at.town} is on {at.any('Sunday', 'Tuesday', 'Wednesday')}.",
    )


def _school(at: _Place) -> LookAlike:
    return report(
        f"New school for {at.town}",
        f"The school board of {at.town} chose {at.person()} as architect of its new school.",
        f"It will have room for {at.some(200, 900, 10)} children and a gymnasium.",
        f"Parents in {at.other} are waiting for theirs, {at.says()}.",
    )


def _fair(at: _Place) -> LookAlike:
    return report(
        f"Book fair in {at.town}",
        f"The book fair of {at.town} drew {at.some(300, 3000, 10)} visitors on its first day.",
        f"{at.person()} read from a novel about a family in {at.other}.",
        f"It ends on Sunday. Tickets cost {at.some(4, 15)} crowns, {at.says()}.",
    )


def _road(at: _Place) -> LookAlike:
    return report(
        f"Road works near {at.town}",
        f"Workers will repair the coast road near {at.town} for {at.some(2, 30)} weeks.",
        f"Buses to {at.other} start {at.some(5, 40)} minutes earlier, {at.says()}.",
        "Cyclists are asked to take the path along the river.",
    )


KINDS = (_ferry, _mayor, _minister, _rate, _strike, _bridge, _spending, _storm, _court,
         _weather, _market, _match, _school, _fair, _road)  # fmt: skip
