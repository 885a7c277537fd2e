"""Words of questions: those that say nothing, and those that texts write in another way."""

_STOP_WORDS = """
    a about above after again all already also although always am among an and any anybody anyone
    anything are aren as at away back be became because become been before being below between both
    but by came can cannot could couldn did didn do does doesn doing don done down during each
    either else ever every everything for from gave get gets getting give given gives go goes going
    gone got had has hasn have haven having he her here hers him his how however i if in instead
    into is isn it its itself just know let lets like ll look looks made make makes making many may
    me might mine more most much must my myself need needs neither never no nobody none nor not
    nothing now of off often on once one only onto or other our ours out over own per perhaps
    please put quite rather re really s same say says see seem seems several shall she should
    shouldn since so some somebody somehow someone something sometimes somewhere still such sure t
    take taken takes tell than that the their theirs them themselves then there therefore these
    they thing things this those though through thus to together too took toward towards try under
    until up upon us use used uses using ve very via want wants was wasn way we well went were
    weren what whatever when whenever where wherever whether which while who whole whom whose why
    will with within without won work works would wouldn yes yet you your yours
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words of English that a question is put with."""

_GROUPS = """
    auth authentication authorization login
    config configuration settings options
    param parameter argument arg
    dir directory folder
    env environment
    db database
    msg message
    err error exception
    init initialize
    conn connection
    req request
    resp response
    str string
    num number
    len length
    func function
    doc document
    docs documentation
    repo repository
    spec specification
    tmp temporary
    delete remove
    create make
    img image
    btn button
    ctx context
    obj object
    attr attribute
    prop property
    val value
    idx index
    cmd command
    lib library
    pkg package
    dep dependency
    ref reference
    ptr pointer
    buf buffer
    src source
    dest destination
    dst destination
    info information
    app application
    addr address
    pwd password
    perm permission
    cert certificate
    sync synchronize
    async asynchronous
    exec execute
    proc process
    calc calculate
    regex regexp
    fs filesystem
    url uri
    quit exit
    stop terminate
    timeout deadline
    crash panic
    fetch download
    parse parser
    serialize dump
    deserialize load
    encode encoding
    middle center
    colour color
    slow performance
"""


def _related() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for group in _GROUPS.strip().splitlines():
        words = group.split()
        for word in words:
            others = tuple(each for each in words if each != word)
            found[word] = (*found.get(word, ()), *others)
    return found


RELATED = _related()
"""Words that developers write for one another."""

# A word, and its forms that no ending makes.
_FORMS = """
    begin began begun
    break broke broken
    bring brought
    build built
    buy bought
    catch caught
    child children
    choose chose chosen
    criterion criteria
    deal dealt
    draw drew drawn
    drive drove driven
    fall fell fallen
    feed fed
    find found
    forget forgot forgotten
    freeze froze frozen
    grow grew grown
    hang hung
    hide hid hidden
    hold held
    index indices
    keep kept
    lay laid
    lose lost
    matrix matrices
    mean meant
    override overrode overridden
    overwrite overwrote overwritten
    pay paid
    rebuild rebuilt
    rewrite rewrote rewritten
    rise rose risen
    run ran
    seek sought
    send sent
    shrink shrank shrunk
    show shown
    speak spoke spoken
    spend spent
    spin spun
    stand stood
    steal stole stolen
    stick stuck
    strike struck
    tear tore torn
    think thought
    throw threw thrown
    understand understood
    undo undid undone
    vertex vertices
    wake woke woken
    withhold withheld
    write wrote written
"""
FORMS = {form: tuple(each) for each in map(str.split, _FORMS.strip().splitlines()) for form in each}
"""A word and its irregular forms, by each of them."""
