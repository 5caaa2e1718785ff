"""Words with a part in what a sentence claims, whatever its topic. All in lower case."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _groups(text: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(line.split()) for line in text.strip().split("\n"))


# Carry nothing that could be true or false by itself.
EMPTY = _words(
    """
    a about after an and any are as at be been being by did do does doing done during each for from
    had has have having he her hers him his how however i in into is it its itself let me meanwhile
    moreover my of off on onto or our out own per she so some such than that the their theirs them
    themselves then there these they this those through to too toward towards upon us very was we
    were what when where which while who whom whose why with you your also additionally another
    other others namely including include includes included thus therefore one himself herself
    indeed itself way according s t re ve ll d m am but
    """
)
# As `EMPTY`, but only where a source has one of the same line.
BOUND = _groups(
    """
    because due owing cause caused causes causing thanks since as reason result resulting
    before ahead until till prior earlier
    after following since later once when
    despite although though but even nevertheless nonetheless however while whereas yet
    if whether unless provided should
    without no not never
    only just sole solely alone mere merely single barely
    all every each entire whole everyone everybody everything nobody nothing none no not
    both two
    most majority mostly mainly largely
    few fewer handful little
    many several numerous lots
    more over above exceeding exceed exceeds exceeded higher further additional another extra
    less fewer under below lower
    against
    within inside
    between
    always
    again
    still remain remains remained remaining yet continue continues continued
    already
    almost nearly about around some roughly approximately
    ever never
    once
    up
    down
    out
    not never no nobody nothing none neither nor without cannot
    cannot could can not
    can could able may might
    may might could possibly perhaps possible
    must should ought need needs have has had
    will would shall to going set due plan plans expected expects is are
    """
)
# The same in a report, whichever of a line is used.
SYNONYMS = _groups(
    """
    say tell state announce report add note explain declare confirm remark comment reveal disclose warn argue insist claim admit acknowledge stress emphasize recall quote according call describe mention speak inform ask
    kill die dead death fatal fatality perish victim lose
    border frontier boundary
    troop soldier serviceman servicemen army force unit military
    hurt injure injured injury wound
    get receive obtain gain be_given
    give provide grant offer hand supply donate
    buy purchase acquire takeover acquisition
    sell sale
    begin start launch commence open kick
    end finish conclude stop halt over
    close shut
    rise increase climb grow up higher jump raise lift
    fall drop decline decrease down slip lower lose
    cut reduce reduction shorten lower
    win beat defeat victory winner
    last latest final
    lead head run chair leader
    chief boss head
    company firm business
    bank lender
    resident townspeople inhabitant people person citizen
    people person individual human
    child children kid pupil student
    job post position
    plan intend intention mean aim propose proposal scheme
    hope want seek wish
    agree accord agreement deal accept
    take last need require
    build construct construction building
    rebuild reconstruct restore
    destroy ruin wreck
    collapse fall drop
    break broken burst
    find discover locate
    stay remain
    go leave depart head travel
    come arrive arrival reach
    visit trip stop tour
    meet meeting talk sit
    ask request urge call invite
    choose pick select
    show reveal indicate suggest
    worth value cost price
    pay spend payment
    fund finance money
    strike walkout stoppage
    inquiry investigation probe
    investigate examine
    inspect check examine inspection
    steal theft stolen take rob robbery raid
    thief burglar robber
    jail imprison prison sentence
    term sentence
    ex former
    worker employee staff
    yearly annual annually year
    monthly month
    daily day
    weekly week
    premium above
    quick fast swift
    big large huge great
    small little
    about around some roughly approximately nearly almost
    more over exceed above
    less under below fewer
    happen occur take place
    make create produce
    delay postpone put_off
    cancel scrap call
    evacuate move take
    part share portion
    half fifty
    twice double two
    vehicle car
    ship vessel boat
    home house household
    crowd people spectator attendance attend
    start open begin
    next following
    shooting gunfire
    prevent stop
    protect protection
    additional further extra more another
    use using
    customer client subscriber
    area region zone
    location place site
    currently now present
    formerly previously earlier
    attempt try
    help assist aid support assistance
    fee charge price
    accident crash
    replace replacement
    new fresh
    data information
    work job
    sign signed
    sure certain
    shortly soon
    author writer
    film footage video
    law legislation
    doctor physician
    """
)
NEUTRAL = _words("happen occur place take become number figure total amount event make")

PRONOUNS = _words("he she they it his her their its him them we i")
NEGATIVE = _words(
    """
    not no never none nobody nothing neither nor without cannot hardly barely scarcely fail failed
    fails refuse refused refuses deny denied denies denying reject rejected rejects unable lack
    lacked lacks false untrue unlikely refusing failing ain't
    """
)
POSSIBLE = _words(
    """
    may might could possibly perhaps potentially likely probably seem seems seemed appear appears
    appeared suspect suspected suspects alleged allegedly reportedly believed rumoured rumored
    possible can unconfirmed
    """
)
CONDITIONAL = _words("if unless whether provided")
FUTURE = _words(
    """
    will would shall plan plans planned expect expects expected intend intends intended hope hopes
    hoped aim aims propose proposed proposes want wants wanted seek seeks promise promised promises
    should going due set threaten threatened threatens consider considers considering to ll
    offered offer ready ask asked urge urged means meant
    """
)
CLAUSE_WORDS = _words(
    "and but or that which who because when while after before although though if whether as since"
    " until so than"
)
QUANTITY = _groups(
    """
    dozens
    dozen twelve
    hundreds
    thousands
    millions
    billions
    scores
    tens
    couple pair two both
    twice double doubled doubling doubles
    thrice triple tripled trebled treble
    quadruple quadrupled
    half halves halved fifty
    third thirds
    quarter quarters
    fifths
    tenths
    majority most
    minority
    handful
    """
)
ORDINALS = {
    word: value
    for value, word in enumerate(
        """
        first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
        fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
        """.split(),  # noqa: SIM905  # readable as a text
        start=1,
    )
}
DEMONYMS = ("n", "an", "ian", "ish", "ese", "i", "s", "ic", "ans", "ians", "er", "ers", "man", "")
ALIASES = _groups(
    """
    us usa america american americans united states
    uk britain british kingdom
    un nations
    eu european europe
    """
)
TITLES = _words(
    """
    mr mrs ms dr sir lady lord president minister mayor governor chancellor senator prof professor
    captain chief judge justice king queen prince princess pope general colonel coach manager
    chairman chairwoman chair director the prime secretary detective inspector coroner
    """
)
REPORTING = _words(
    """
    say tell state announce report add note explain declare confirm remark comment reveal disclose
    warn argue insist claim admit acknowledge stress write recall laugh call deny accord quote
    """
)
