"""The form of answer that a question wants, read off its words. Pure functions.

Rules, as they do as well as a classifier on the question's vector and cost nothing:
docs/decisions/0015.
"""

import re

from qa.language.kinds import asking, asks_yes_or_no
from qa.language.nouns import is_plural
from qa.language.tagger import Word, tagged
from qa.language.words import STOP_WORDS, content_stems
from qa.types import Aspect, Form

# Stems of words that ask for a brief, and say nothing of what it is about.
BRIEF_REQUEST = frozenset(
    content_stems(
        "background begin beginning brief briefing digest end everything fact far give happen key"
        " know known latest learn main me news overview please point recap report say short so sum"
        " summarise summarize summary tell timeline unfold update write"
    )
)
_DO = "(?:do|does|did|has|have|had)"
_WOULD = "(?:do|does|did|will|would|can|could|must|should)"
_BE = "(?:is|are|was|were)"
_WHAT_IS = rf"what(?:['’]?s| {_BE})"
_SURVEY = "(?:brief|briefing|digest|overview|recap|summary|timeline|update)"
_FACTS = "(?:key facts|key points|the facts|main facts|report on)"
_SOME = (
    "(?:all|some|other|any|every|two|three|four|five|six|seven|eight|nine|ten|several|main"
    "|biggest|largest|most important)"
)
_PLURAL = (
    r"(?:children|fish|media|men|people|women|\w*[^\W_s]s(?<!\bhas)(?<!\bnews)(?<!\bis)(?<!\bwas)"
    r"(?<!\bdoes))"
)
_SAY = (
    r"(?:accept|acknowledg|admit|advis|agree|announc|apologi|argu|assert|ask|attribut|believ|blam"
    r"|call for|caution|claim|comment|compar|complain|conced|conclud|condemn|confirm|criticis"
    r"|criticiz|declar|demand|deni|deny|describ|disclos|emphasi|expect|explain|express|fear|feel"
    r"|hop|insist|mention|not[ei]|plead|pledg|point(?:s|ed)? out|prais|predict|promis|propos"
    r"|recommend|reject|remark|repl|report|request|respond|reveal|said|say|see|stat|stress"
    r"|suggest|tell|testif|think|thought|threat|told|tweet|urg|vow|want|warn|wish|writ|wrot)\w*"
)
_VIEW = (
    "(?:advice|answer|apology|argument|assessment|comment|criticism|excuse|explanation|impression"
    "|message|opinion|position|promise|reaction|reply|response|stance|statement|view|warning"
    "|words)s?"
)
_CAUSED = (
    r"(?:behind|brought|caus(?:e|ed|es|ing)|contributed|driv(?:en|es|ing)|drove|explain(?:s|ed)"
    r"|forced|leads?|led(?! up)|makes?|made|motivated|prompt(?:s|ed)|provoked|responsible"
    r"|sparked|to blame|triggered)"
)
_REASON = "(?:cause|explanation|ground|motive|point of|rationale|reason)s?"
_OUTCOME = (
    "(?:aftermath|aim|connection|consequence|difference|dispute|effect|fate|goal|impact|implication"
    "|link|outcome|plan|problem|purpose|relation|relationship|result|role|row|significance|status"
    ")s?"
)
_INQUIRY = (
    "(?:analysis|audit|autopsy|inquiry|investigation|poll|probe|report|research|researchers|review"
    "|scientists|study|survey|tests)"
)
_MEASURED = (
    r"(?:m\w?ny|much|long|far|old|young|tall|high|low|deep|wide|often|frequently|fast|quickly|slow"
    "|large|big|small|short|soon|late|early|hot|cold|warm|heavy|likely|close|near|few|little"
    "|effective|thick|expensive)"
)

# "Who is President of France?" asks for a name, "Who is Viktor Bout?" says one.
_OFFICE = (
    r"(?:archbishop|captain|ceo|chair\w*|champion|chancellor|chief|coach|commissioner|director"
    r"|governor|head|king|leader|manager|mayor|minister|owner|pope|president|prime minister|queen"
    r"|secretary|speaker)"
    r"(?:[- ]general)?(?:\s*\?*$| of\b)"
)
# Behind other words: "the UK Prime Minister", but not "Stephen King".
_TITLED = (
    r"(?:\S+ ){1,3}?(?:ceo|chancellor|champion|commissioner|director|leader|manager|minister"
    r"|president|secretary)(?:\s*\?*$| of\b)"
)
_NAMED = r"(?-i:[A-Z])[\w.-]*(?: (?:(?:al|bin|de|for|of|the|van|von) )*(?-i:[A-Z\d])[\w.-]*){0,5}"

# The first that fits decides, so the particular precedes the general.
_PATTERNS: list[tuple[Form, Aspect | None, list[str]]] = [
    (
        "brief",
        "event",
        [
            r"(?:summari[sz]e|sum up|recap|tl;?dr|inform (?:me|us)|brief (?:me|us))\b",
            r"(?:catch (?:me|us) up|bring (?:me|us) up to (?:date|speed)|walk (?:me|us) through)\b",
            (
                r"(?:(?:give|write|get|send|show|i need)\s)?(?:(?:me|us)\s)?"
                r"(?:(?:an?|the)\s)?(?:\w+\s)?"
                rf"(?:{_SURVEY}|{_FACTS})\b"
            ),
            r"(?:(?:the|any) )?(?:latest|news|background)\b|(?:all|everything) about\b",
            r"tell (?:me|us) (?:(?:all|everything|more|something) )?about\b",
            r"what (?:do|did|should) (?:i|we|you|they) know\b",
            r"what (?:do|have) (?:the )?reports (?:said|say)\b",
            rf"{_WHAT_IS} (?:known (?!to)|new\b|the (?:current state of|facts|latest|story)\b)",
            r"what (?:has|have) been (?:reported|said|written|learned|learnt|published)\b",
            r"what (?:has|have|did) (?:we|you|they) (?:hear|learn)",
            r"where (?:do|does) .*\bstand\b",
            r"how (?:did|has|have) .*\b(?:unfold|develop|evolve|progress)(?:ed|d)?\b",
            r"was (?:ist|wissen wir) über\b|что известно\b",
        ],
    ),
    (
        "list",
        None,
        [
            rf"(?:\w+ )?(?:what|which) (?:two|three|four|five|six|ten) {_PLURAL}\b",
        ],
    ),
    (
        "sentences",
        "cause",
        [
            r"wh?y\b|how come\b|(?:due to|because of) wh|explain (?:why|the reason)",
            rf"(?:who or )?what(?:['’]?s)? (?:(?:is|was|has|have|had) )?{_CAUSED}\b",
            r"what accounts? for\b|to what .*\battributed?\b",
            (
                rf"(?:(?:for|on) )?(?:what|which)(?:['’]?s| {_BE})? (?:the |some )?(?:\w+ )?"
                rf"{_REASON}\b"
            ),
            r"warum\b|wieso\b|weshalb\b|почему\b|зачем\b",
        ],
    ),
    (
        "sentences",
        "event",
        [
            (
                rf"{_WHAT_IS} .*\b(?:accused of|agreed|at stake|charged with|decided|planned"
                r"|suspected of)\b"
            ),
            rf"{_WHAT_IS} .*\babout\s*\?*$|{_WHAT_IS} known to\b",
            rf"what {_DO} (?:\w+ ){{0,3}}?{_INQUIRY} (?:find|found|show|shown|reveal)",
        ],
    ),
    (
        "sentences",
        "speech",
        [
            rf"what (?:{_DO}|he|her|his|she|the|they) .*\b{_SAY}\b",
            rf"{_WHAT_IS} .*\b{_VIEW}\b|what {_VIEW}\b",
            (
                rf"how (?:{_DO}|is|was) .*\b(?:answer|characteri[sz]e|comment|defend|describe"
                r"|explain|feel|justif|react|reply|replied|respond|view)\w*\b"
            ),
            r"what\b.*\baccording to\b|what\b.*\bin .*\bwords\b|quote\b",
            r"was sag\w+|что (?:сказал|сообщил|заявил)\w*",
        ],
    ),
    (
        "sentences",
        "event",
        [
            r"what (?:(?:is|was|has|have|had|will|would|could) )?(?:\w+ )?(?:happen\w*|occur\w*)",
            r"what(?:['’]?s| is| was) (?:going on|(?:so )?(?:special|unusual|wrong))\b",
            r"what (?:went|goes|has gone) (?:wrong|on)\b|what (?:led up|took place)\b",
            r"what (?:has |will )?(?:become|became|came|changed?) \w+",
            (
                rf"what {_WOULD} .*\b(?:achieve|allow|ban|change|decide|do(?! for a living)|forbid"
                r"|mean|prohibit|require|rule)\b"
            ),
            r"what (?:has|have|had) .*\b(?:achieved|changed|decided|done)\b",
            r"what (?:is|are) .*\b(?:doing|investigating|planning|trying)\b",
            rf"{_WHAT_IS} (?:the |some )?(?:\w+ ){{0,2}}?{_OUTCOME}\b|what {_OUTCOME}\b",
            r"describe (?!how)|was (?:geschah|passiert)\w*|что (?:произошло|случилось|происходит)",
        ],
    ),
    (
        "sentences",
        "definition",
        [
            rf"(?:who|what)(?:['’]?s| {_BE}) (?:the )?(?!{_OFFICE}|{_TITLED}){_NAMED}\s*\?*$",
            (
                r"what(?:['’]?s| is| are) (?:an? )?"
                r"(?!(?:it|left|missing|next|open|that|they|this|\w+ed)\b)[^\W\d_]+\s*\?*$"
            ),
        ],
    ),
    (
        "list",
        None,
        [
            r"list\b|enumerate\b|nenne\b|name every(?:body|one|thing)\b",
            r"(?:\w+ )?what else\b|who else\b|in (?:what|which) order\b",
            (
                r"(?:give|show|tell)\s(?:(?:me|us)\s)?"
                rf"(?:(?:an?|the|{_SOME})\s)*(?:list|names|examples)\b"
            ),
            rf"name (?:the )?(?:{_SOME}\b|(?:\w+ )?{_PLURAL}\b)",
            r"which of the \w+ (?:are|were|have)\b",
            (
                rf"(?:what|who) (?:are|where|were) (?:the |some |all )+(?:of the )?"
                rf"(?:[\w'’-]+ ){{0,5}}?{_PLURAL}\b"
            ),
            rf"what (?:are|were) (?:[\w-]+ )*?\w+['’]s? (?:\w+ )?{_PLURAL}\b",
            r"what (?:do|does|did) .*\b(?:comprise|consist of|contain|include)\b",
            r"who (?:all|attended|makes? up|made up|took part|participated|is in|was in)\b",
        ],
    ),
    (
        "sentences",
        "manner",
        [
            rf"how (?!{_MEASURED}\b)|(?:in|by) (?:what|which) (?:manner|means|ways?)\b",
            r"(?:describe|explain) how\b|wie (?!viel|lang|alt|hoch|weit|oft|heiß|groß)|как\b",
        ],
    ),
]
_WANTED = [
    ((form, aspect), re.compile("|".join(patterns), re.IGNORECASE))
    for form, aspect, patterns in _PATTERNS
]
# Words by which a text asks for a value although no pattern fits. "This" is a quiz's blank: "This
# film won the prize."
_ASKS_SHORT = re.compile(
    r"^(?:name|state)\b|\b(?:who\w*|what|which|when|where|why|how|this)\b|\?", re.IGNORECASE
)
_VALUE = re.compile(
    r"\b(?:age|amount|capital|cost|date|death toll|height|length|number|population|price|score"
    r"|size|speed|toll|turnover|value|winner|year)\b",
    re.IGNORECASE,
)


# A question names what it asks for with these: "which two former Welsh ministers".
_GROUP = re.compile(r"(?:[MNG]|P(?=[MN]))*N(?=[oAPUV]|$)")
_CODES = {
    "ADJ": "M", "ADV": "A", "AUX|Fin": "U", "NOUN": "N", "NUM": "M", "PROPN": "M",
    "VERB|Fin": "V", "VERB|Ger": "G", "VERB|Part": "P",
}  # fmt: skip


def asks_for_several(question: str) -> bool:
    """Return True where the noun behind the first "what" or "which" is a plural: "From which two
    Welsh valleys did they come?"
    """
    words = tagged(question)
    asking = (n for n, word in enumerate(words) if word.text.lower() in ("what", "which"))
    start = next(asking, len(words)) + 1
    behind = words[start:]
    codes = "".join(_code(word) for word in behind)
    # The first word is one at least; the tagger takes "steps" for a verb.
    group = _GROUP.match(codes) or re.match(r"[PV](?![MNG])", codes)
    return group is not None and is_plural(behind[group.end() - 1].text.lower())


def _code(word: Word) -> str:
    text = word.text.lower()
    if text == "of":
        return "o"
    return "U" if text in STOP_WORDS else _CODES.get(word.tag, "-")


def wanted(question: str) -> tuple[Form, Aspect | None]:
    """The form and, for ``sentences`` and ``brief``, the aspect that the question asks for.

    Of two questions in one, the first decides. Key words ("port strike") want the sentence that
    reports them, unless they name a value ("bridge cost").
    """
    if asks_yes_or_no(question):
        return "yes_no", None
    text = asking(question)
    for form_and_aspect, pattern in _WANTED:
        if pattern.match(text):
            return form_and_aspect
    if asks_for_several(text):
        return "list", None
    if _ASKS_SHORT.search(text) or _VALUE.search(text):
        return "short", None
    return "sentences", "event"
