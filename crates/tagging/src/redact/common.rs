//! Words around names, and names that are words.

/// What stands before a name and is no part of it, as [`super::spelling`] writes it.
pub(super) const TITLES: [&str; 34] = [
    "dipl",
    "docteur",
    "doctor",
    "don",
    "dott",
    "dottoressa",
    "dr",
    "fr",
    "frau",
    "fru",
    "herr",
    "herrn",
    "hr",
    "ing",
    "lady",
    "madame",
    "mag",
    "messrs",
    "miss",
    "mister",
    "mlle",
    "mme",
    "monsieur",
    "mr",
    "mrs",
    "ms",
    "mx",
    "prof",
    "professor",
    "senor",
    "senora",
    "signor",
    "signora",
    "sir",
];

/// Titles after which a word with a capital is a name, whether or not it is known:
/// they stand before nothing else. Written so, and not in capitals: MS is an illness,
/// and a firm.
pub(super) const BEFORE_NAMES: [&str; 17] = [
    "Dr", "Frau", "Fru", "Herr", "Herrn", "Madame", "Mister", "Mlle", "Mme", "Monsieur", "Mr",
    "Mrs", "Ms", "Mx", "Prof", "Señor", "Señora",
];

/// What follows *Dr.* in small letters and is no name: *Dr. med.*
pub(super) const OF_DOCTORS: [&str; 9] = [
    "med", "phil", "rer", "nat", "jur", "iur", "ing", "habil", "h",
];

/// What may stand before an apostrophe and a name beside what languages elide: *coll'Anna*.
pub(super) const ELIDED: [&str; 2] = ["quand", "coll"];

/// What stands within names, in small letters, and after them.
pub(super) const PARTICLES: [&str; 33] = [
    "af", "al", "av", "bin", "da", "dal", "de", "del", "della", "den", "der", "di", "do", "dos",
    "du", "el", "ibn", "jr", "la", "le", "les", "los", "op", "sr", "st", "te", "ten", "ter", "van",
    "vom", "von", "zu", "zur",
];

/// Names that are words: in English; colours, qualities and the like in German.
pub(super) const COMMON: &str = "
    ace angel art ash autumn baker banks bell berry best bill bishop black blue bob bond booth
    brook brown bush butler care carol carpenter case chance charity chase chuck church clay cliff
    constant cook cross crystal daisy dale dash dawn day dean dick don drew duke earl early english
    eve faith fern field fields fisher flora flowers fox frank french friend gale gene german
    gentle ginger glad gold golden good goodwill grace grant gray green grey guy hall hand hands
    harmony harry hart haven hazel head heart heath heather heck hill holder holiday holly holmes
    honor hope hunt hunter iris ivy jack jade jasmine jay jean jewel job jolly joy july june just
    keen king knight lake lamb lance lane laurel law lily little long lord love major manning march
    mark marks marsh mason max may mead melody mercy merry mike miles mills mind minor misty money
    moon more nice nick noble norm north olive opal pace page park parks pat patience peace pearl
    peg penny piece pierce piper pitt place plant pollard poole pope post power powers price prince
    proud queen quick ray read reed rice rich rivers rob robin rock rod roman root rose ruby rusty
    sage sail sandy savage scarlet school self serenity sharp shore short singer skip sky small
    smart snow south speed spring star stern stew still stone storm story street strong sue summer
    sunny sweet swift tall terry thorn todd trip true trinity trust turner vance victor viola
    violet wade walker wall ward waters weeks wells west white wild will willow winter wise wolf
    wood woods woody work worth young
    alt blank braun echt ehrlich ernst fest frei fromm froh gross gut hart heiss hell jung kai
    klar klein klug kurz lang laut lieb mild neu offen recht reich rein rot sanft scharf schnell
    schwarz stark still stolz treu voll wach warm weiss wild zart
    blanc blanche claire clement constance petit grand rosa cruz luz mar paz sol pilar";

/// The same in German, where every noun has a capital.
pub(super) const NOUNS: &str = "
    acker adler anker bach bauer baum berg bischof blum blume bogen brand burg busch dorn eck engel
    feld fisch fischer frage freund frost fuchs gans garten geist glaser glueck graf haas hahn hammer
    hase haus heide heil held herbst herz hirsch hof holz jager kaiser keller kern koch koenig konig
    kopf kraft kraus krieger kuss lehrer licht linde lust mai meister mond morgen nacht nagel
    neumann ochs ort pfeil platz rat rath richter ritter sand sauer schatz schild schuler schutz
    sommer sonntag sorge speicher spiegel stein stern stolz storch sturm tag thema traum vogel wagner
    wald wall weg weide wein wind winter wirt wolf wunder wunsch zeit zimmer ziel";
