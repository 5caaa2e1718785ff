"""Words with a part in what a sentence claims, whatever its topic. All in lower case."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _rules(text: str) -> dict[str, frozenset[str]]:
    """For each strict word, those of which a source needs one."""
    rules: dict[str, frozenset[str]] = {}
    for line in text.strip().split("\n"):
        strict, _, others = line.partition(":")
        group = frozenset(f"{strict} {others}".split())
        for word in strict.split():
            rules[word] = rules.get(word, frozenset()) | group
    return rules


def _pairs(text: str) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    sides = (line.split("/") for line in text.strip().split("\n"))
    return tuple((frozenset(one.split()), frozenset(other.split())) for one, other in sides)


def _groups(text: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(line.split()) for line in text.strip().split("\n"))


# Verbs with which a report gives what somebody said.
REPORTING = _words(
    """
    say tell state announce report add note explain declare confirm remark comment reveal disclose
    warn argue insist claim admit acknowledge stress write recall laugh call accord quote deny
    """
)
# Of these, what is mostly a noun.
NOUNS = _words(
    "state states report reports note notes claim claims comment comments call calls remark remarks"
    " quote quotes stress accord recall"
)
_SAYING = REPORTING - {"deny"} | _words("emphasize describe mention speak inform ask according")


# Carry nothing that could be true or false by itself.
EMPTY = _words(
    """
    a about after an and any are as at be been being by did do does doing done during each for from
    had has have having he her hers him his how however i in into is it its itself let me meanwhile
    moreover my of off on onto or our out own per she so some such than that the their theirs them
    themselves then there these they this those through to too toward towards upon us very was we
    were what when where which while who whom whose why with you your also additionally another
    other others namely including include includes included thus therefore one himself herself
    indeed itself way s t re ve ll d m am but can able have just mere even many several
    some about around roughly approximately almost nearly not no yet once between within inside up
    down out off back never nor neither none nobody nothing perhaps possibly likely estimated most
    ago away since while although though
    """
)
# Small words that change what a sentence says. The words before the colon need a word of the line
# in the source.
BOUND = _rules(
    """
    because owing cause causes caused causing : due since as reason result for forced over amid
    due : because owing since as reason for set expected over
    before until till : ahead prior earlier without
    after following : later once when since followed
    despite although though whereas : but even nevertheless nonetheless however while yet still
    if unless whether provided : should until or without when
    without : no not never none nobody nothing neither lack
    only solely alone merely : just sole single mere barely exclusively no not
    all every each entire whole everyone everybody everything : none no nobody
    both : two each
    most majority mostly mainly largely :
    few fewer : less hardly little handful under below barely small
    more : over above exceed exceeded further additional another extra least bigger higher greater
    exceeding exceed exceeds exceeded : more least over above
    less lower : fewer drop fell fall down under below
    against : with to over
    always : every never
    again : another once re second twice return
    still : remain yet continues continue continuing not keep keeps
    already : now since
    ever : never
    cannot : could not can unable
    must : need needs have has should
    should : must ought would due will expected
    will would shall : to going set due plan plans planned expects expected is are may might shall
    may might could : can possibly perhaps possible likely would able entitled let lets allowed
    """
)
# The same in a report, whichever of a line is used.
SYNONYMS = (
    _SAYING,
    *_groups(
        """
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
    fall drop decline decrease down slip lower
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
    take last need require continue
    last go continue run
    move take evacuate transfer bring relocate carry
    raise collect gather
    burst break smash tear breach
    demand want call seek ask request require apply
    affect touch hit
    delay postpone hold put defer late
    estimate put reckon count calculate
    operate work function run
    steal take make
    withdraw pull remove retreat
    win receive get earn gain collect
    lift bring carry raise pull hoist
    pit mine
    empty nobody
    visit walk tour inspect
    serve have
    shake hit strike rock
    back support endorse
    oppose object protest
    urge call press
    blame fault responsible
    join enter
    resign quit leave step
    appoint name choose elect
    arrest detain hold
    free release
    search hunt look
    warn caution alert
    hire employ recruit
    fire dismiss sack
    lay cut
    evacuate leave
    threaten risk danger
    damage destroy harm
    rescue save
    damage hit
    defend protect
    attack assault strike offensive
    ban prohibit forbid
    allow let permit enable
    force compel make
    double twice
    owner shareholder investor
    share stock
    price cost value
    minister secretary
    law rule
    vote ballot election
    poll survey
    dispute quarrel row
    deal agreement pact accord contract
    talk negotiation discussion
    summit meeting
    leader head chief
    car vehicle automobile
    lorry truck
    airplane plane aircraft
    train railway rail
    road street
    fuel petrol gas
    storm hurricane gale wind
    flood flooding
    quake earthquake tremor
    blaze fire
    illness disease sickness
    drug medicine
    jab vaccine vaccination
    hospital infirmary clinic
    hurt wound injure casualty
    dead death toll fatality victim
    picture photo photograph image
    book novel
    film movie
    game match
    team side club
    trophy cup title
    goal score
    seize capture take annex
    drive force push
    wide broad
    high tall
    old former elderly
    early start
    rich wealthy
    poor impoverished
    hard difficult tough
    angry furious
    happy glad pleased
    scared afraid fear
    worry concern fear
    think believe
    guess estimate
    doubt question
    know aware
    remember recall
    forget overlook
    ship send deliver dispatch
    build erect construct
    design plan
    repair fix restore mend
    inquiry inquest investigation
    accept approve adopt back
    reject refuse decline
    increase growth rise
    profit earnings
    revenue sales turnover
    debt loan
    tax levy duty
    salary wage pay
    holiday vacation
    autumn fall
    flat apartment
    cellar basement
    shelter refuge
    quarter neighbourhood district area
    town city municipality
    village settlement
    province region state
    capital city
    sea ocean
    coast shore
    beach shore
    wood forest
    hill slope
    top peak
    bottom foot
    morning dawn
    evening night
    soon shortly
    shut closed
    crack damage
    structure wall building
    main chief principal
    mainly mostly largely primarily chiefly
    begin start launch
    debut premiere
    show according indicate
    narrow slim close thin
    high best top record
    drop withdraw abandon
    contain surround control encircle
    return back
    run stand
    intervene step mediate
    gain rise grow climb
    destroy lose burn ruin
    reach stand hit
    fight work tackle battle
    entitled could can eligible
    opening first
    order tell instruct
    praise welcome applaud commend
    criticise condemn denounce attack
    flee escape
    shorten short cut shorter
    lengthen long extend longer
    widen wide expand wider
    settle decide
    total whole overall combined together
    main most largest
    halve half
    shortage lack
    crew team
    staff crew personnel
    chandler trader merchant
    dealer trader
    shop store
    market bazaar
    firm company business manufacturer maker producer
    make manufacture
    operator company
    fresh new
    crop harvest
    drop fall
    tonne ton
    pupil student child
    headmistress headteacher principal
    fund fundraiser
    gift donation
    donor giver
    donate give
    prize award
    honour award
    jury judges panel
    panel commission board committee
    ruling verdict decision judgment
    overturn reverse quash
    uphold confirm
    convict guilty conviction
    bribe corruption
    crime offence
    court tribunal
    lawyer attorney solicitor barrister counsel
    suspect accused
    officer policeman police
    hacker intruder attacker
    leak breach
    copy steal
    customer user
    personal private
    sorry apologise apologize apology
    admit concede acknowledge confess
    fine penalty
    punish penalise
    drench soak
    voyage trip journey
    journey trip
    crew sailor
    boat vessel
    harbour port
    berth dock
    bridge crossing span
    cable wire
    wire cable
    electricity power
    supply provide power
    gas fuel
    grant subsidy
    subsidy aid grant
    loan credit
    lend loan
    borrow loan
    interest rate
    inflation prices
    lower cut reduce
    hike raise increase
    steady unchanged
    satellite spacecraft
    rocket launcher
    scientist researcher
    study research trial
    result finding outcome
    side_effect reaction
    case infection
    protect prevent
    volunteer participant
    enrol enroll register recruit
    test trial check
    opponent rival
    champion winner
    lead ahead
    trail behind
    equalise level
    striker forward
    coach manager trainer
    captain skipper
    fan supporter
    player footballer
    crowd spectator
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
    ),
)
# What is said on one side of a line is not said on the other.
CONTRARY = _pairs(
    """
    rise increase grow climb raise gain jump / fall drop decrease decline reduce lower cut slip
    rise increase grow climb raise gain jump / lose shrink plunge sink down halve narrow
    soar lift up higher expand add widen / fall drop decrease decline reduce lower cut slip
    soar lift up higher expand add widen / lose shrink plunge sink down halve narrow
    win beat defeat triumph / lose defeat draw
    open begin start launch resume / close shut end finish stop halt cancel suspend abandon
    accept approve agree back support welcome / reject refuse oppose criticise condemn deny forbid
    accept approve agree back support welcome / ban block decline denounce protest veto
    praise endorse allow permit adopt / reject refuse oppose criticise condemn deny forbid
    praise endorse allow permit adopt / ban block decline denounce protest veto
    confirm admit acknowledge say announce state declare claim / deny conceal hide retract withdraw
    uphold confirm / overturn quash reverse
    buy acquire purchase / sell
    lend / borrow
    live survive rescue save alive spare / die kill drown dead perish
    arrive come enter join stay remain return / leave go depart quit flee exit
    build repair restore rebuild fix open / destroy damage demolish wreck collapse ruin
    free release acquit clear pardon / jail arrest imprison convict charge detain sentence
    protect defend help aid rescue / attack harm threaten abandon endanger
    keep hold / lose drop release give
    find discover recover / lose miss
    appoint hire elect employ / dismiss sack fire resign
    first early before / last late after
    large big high long great wide / small little low short narrow
    large big high long great wide / weak light few less least
    strong heavy many more most / small little low short narrow
    strong heavy many more most / weak light few less least
    new young fresh / old former
    safe / dangerous unsafe
    easy / hard difficult
    good best better / bad worst worse
    public open / secret private
    love like / hate dislike
    hope want promise / fear dread threaten
    give lend provide send pay / take receive steal seize get
    include / exclude
    remember / forget
    attack / retreat withdraw
    push / pull
    pass succeed / fail
    """
)
NEUTRAL = _words("happen occur place take become number figure total amount event make")

# What is never put down to a free choice of words.
GRAVE = _words(
    """
    arrest convict kill murder rape fraud guilty bribe steal abuse assault jail imprison attack
    corrupt suspect charge sue dismiss sack lie cheat betray bomb destroy burn die crime criminal
    terrorist illegal secret fake false drunk racist resign divorce
    """
)
PREPOSITIONS = _words("of by in at on for from to with near off against over under")
# Of these none may be replaced by a word without content.
TURNING = _words("against without before after until despite unless if except only under over")
PRONOUNS = _words("he she they it his her their its him them we i")
NEGATIVE = _words(
    """
    not no never none nobody nothing neither nor without cannot hardly barely scarcely fail failed
    fails refuse refused refuses deny denied denies denying reject rejected rejects unable lack
    lacked lacks lacking false untrue unlikely refusing failing ain't
    """
)
POSSIBLE = _words(
    """
    may might could possibly perhaps potentially likely probably seem seems seemed appear appears
    appeared suspect suspected suspects alleged allegedly reportedly believed rumoured rumored
    possible unconfirmed
    """
)
UNKNOWN = _words("unknown unclear undisclosed unconfirmed uncertain unsure yet open")
CONDITIONAL = _words("if unless whether provided")
EXPECTED = _words(
    """
    will would shall plan plans planned planning expect expects expected intend intends intended
    hope hopes hoped aim aims propose proposed proposes want wants wanted seek seeks promise
    promised promises threaten threatened threatens consider considers considering ll due set
    """
)
# As `EXPECTED`, and what says so in a claim.
OPEN = EXPECTED | _words(
    "should going to offered offer ready ask asked asks urge urged urges means meant demand demands"
    " demanded demanding call calls called need needs may might could if unless request requested"
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
