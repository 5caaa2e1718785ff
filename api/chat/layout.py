"""A reply in a platform's markup, as messages within the platform's limits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from api.chat.markup import fit, fitting, units
from api.chat.reply import Reply, Source
from qa.language.sentences import sentences

_MOST_MESSAGES = 4  # of one reply; Slack takes five answers to a command
_LONGEST_QUESTION, _LONGEST_QUOTE, _LONGEST_TITLE = 300, 1000, 200
_LONGEST_LINK = 700  # with its title; a longer one is shown as its title


@dataclass(frozen=True, slots=True)
class Markup:
    """A platform's templates, each for an escaped text, and how much its messages hold."""

    most: int  # UTF-16 code units of a message
    escape: Callable[[str], str]
    bold: str = "**{}**"
    note: str = "*{}*"
    quote: str = "> {}"
    link: str = "[{1}]({0})"  # an address and a title
    address: Callable[[str], str] = str  # escapes one
    gap: str = "\n"  # between two pieces
    longest_piece: int = 1_000_000  # units, where pieces have a limit too
    pieces: int = 1_000_000  # in a message

    @property
    def piece(self) -> int:
        """Units of a piece."""
        return min(self.most, self.longest_piece)


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a reply, in a platform's markup."""

    pieces: tuple[str, ...]
    plain: str = ""  # the whole reply as one line, without markup
    sources: tuple[Source, ...] = ()  # those that it shows
    answer_id: str | None = None  # the answer that feedback is asked for
    first: bool = True

    def text(self, markup: Markup) -> str:
        return markup.gap.join(self.pieces)


class _Messages:
    """The pieces of each message so far, with the sources that they show."""

    def __init__(self, markup: Markup) -> None:
        self._markup = markup
        self.messages: list[list[tuple[str, Source | None]]] = []
        self.turn()

    def turn(self) -> None:
        """Begin a new message."""
        self.messages.append([])
        self._left = self._markup.most

    @property
    def room(self) -> int:
        """Units of the longest piece that the message still takes."""
        full = len(self.messages[-1]) == self._markup.pieces
        return 0 if full else min(self._left, self._markup.piece)

    def add(self, piece: str, source: Source | None = None) -> None:
        """Add a piece, to a new message where there is no room for it."""
        length = units(piece)
        if self.messages[-1] and length > self.room:
            self.turn()
        self.messages[-1].append((piece, source))
        self._left -= length + len(self._markup.gap)

    def cut(self, most: int) -> list[tuple[str, Source | None]]:
        """Drop all messages but the first ``most``; what they held."""
        dropped = [piece for message in self.messages[most:] for piece in message]
        if dropped:
            del self.messages[most:]
            taken = sum(units(piece) + len(self._markup.gap) for piece, _ in self.messages[-1])
            self._left = self._markup.most - taken
        return dropped


def compose(reply: Reply, markup: Markup, question: str = "") -> list[Part]:
    """The messages of a reply: at least one, at most `_MOST_MESSAGES` and one that counts the rest.

    Each piece has its whole markup in one message. A text too long for that is split between two
    sentences where it can be, and a quote is cut with an ellipsis.
    """
    pages = _Messages(markup)
    for template, line in _lines(reply, markup, question):
        rest = line
        while rest:
            room = pages.room - units(template)
            if units(markup.escape(rest)) > room and room < markup.most // 4:
                pages.turn()
                continue
            some, rest = take(rest, room, markup.escape)
            pages.add(template.format(markup.escape(some)))
    for source in reply.sources:
        pages.add(_source(source, markup), source)
    if left_out := pages.cut(_MOST_MESSAGES):
        unseen = sum(source is not None for _, source in left_out)
        pages.add(f"… and {unseen} more sources" if unseen else "…")
    if reply.page:
        pages.add(markup.link.format(markup.address(reply.page), "Read it on the web"))
    last = len(pages.messages) - 1
    return [
        Part(
            pieces=tuple(piece for piece, _ in message),
            plain=reply.plain,
            sources=tuple(source for _, source in message if source is not None),
            answer_id=reply.answer_id if number == last else None,
            first=number == 0,
        )
        for number, message in enumerate(pages.messages)
    ]


def _lines(reply: Reply, markup: Markup, question: str) -> Iterator[tuple[str, str]]:
    """The markup and the text of each line above the sources."""
    if question:
        yield markup.quote, fit(question, _LONGEST_QUESTION)
    yield markup.bold, reply.headline.strip()
    for line in reply.text.splitlines():
        yield "{}", line.strip()
    for note in reply.notes:
        yield markup.note, note.strip()


def take(text: str, most: int, escape: Callable[[str], str]) -> tuple[str, str]:
    """As much of a text as has ``most`` units when escaped, and the rest.

    Whole sentences if one fits, else whole words.
    """
    end = max(1, fitting(text, most, escape))
    if end < len(text):
        end = _border(text, end)
    return text[:end].strip(), text[end:].strip()


def _border(text: str, most: int) -> int:
    """The end of the last whole sentence within ``most`` characters, else of the last word."""
    ends = [end for _, end in sentences(text) if len(text[:end].rstrip()) <= most]
    if ends:
        return ends[-1]
    return text.rfind(" ", 0, most + 1) if " " in text[1:most] else most


def _source(source: Source, markup: Markup) -> str:
    """A quote with its article below it, in one piece."""
    escape = markup.escape
    title = fit(source.title, _LONGEST_TITLE, escape)
    link = markup.link.format(markup.address(source.url), title) if source.url else title
    name = link if units(link) <= _LONGEST_LINK else title
    under = " · ".join(part for part in (name, fit(source.details, _LONGEST_TITLE, escape)) if part)
    if not source.quote:
        return under
    quoted = markup.quote.format(f"[{source.n}] “{{}}”")
    room = markup.piece - units(quoted) - units(under) - len(markup.gap)
    quote = fit(source.quote, min(room, _LONGEST_QUOTE), escape)
    return f"{quoted.format(quote)}{markup.gap}{under}"
