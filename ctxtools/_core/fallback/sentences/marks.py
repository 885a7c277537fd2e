"""The punctuation that ends sentences and clauses, closes them, or breaks lines.

After the classes of UAX #29, "Unicode Text Segmentation", table 4.
"""

# A sentence ends with one of these, closing punctuation, and white space ...
TERMINATORS = frozenset(".!?…") | frozenset(
    # Unicode's (STerm and ATerm), with Khmer's, which the standard leaves out, and without
    # Myanmar's comma.
    "\u0589\u061d\u061e\u061f\u06d4\u0700\u0701\u0702\u07f9\u0837\u0839\u083d\u083e\u0964\u0965"
    "\u104b\u1362\u1367\u1368\u166e\u1735\u1736\u17d4\u17d5\u1803\u1809\u1944\u1945\u1aa8\u1aa9"
    "\u1aaa\u1aab\u1b5a\u1b5b\u1b5e\u1b5f\u1b7d\u1b7e\u1c3b\u1c3c\u1c7e\u1c7f\u2024\u203c\u203d"
    "\u2047\u2048\u2049\u2e2e\u2e3c\u2e53\u2e54\ua4ff\ua60e\ua60f\ua6f3\ua6f7\ua876\ua877\ua8ce"
    "\ua8cf\ua92f\ua9c8\ua9c9\uaa5d\uaa5e\uaa5f\uaaf0\uaaf1\uabeb\ufe52\ufe56\ufe57\U00010a56"
    "\U00010a57\U00010f55\U00010f56\U00010f57\U00010f58\U00010f59\U00010f86\U00010f87\U00010f88"
    "\U00010f89\U00011047\U00011048\U000110be\U000110bf\U000110c0\U000110c1\U00011141\U00011142"
    "\U00011143\U000111c5\U000111c6\U000111cd\U000111de\U000111df\U00011238\U00011239\U0001123b"
    "\U0001123c\U000112a9\U0001144b\U0001144c\U000115c2\U000115c3\U00011641\U00011642\U0001173c"
    "\U0001173d\U0001173e\U00011944\U00011946\U00011a42\U00011a43\U00011a9b\U00011a9c\U00011c41"
    "\U00011c42\U00011ef7\U00011ef8\U00011f43\U00011f44\U00016a6e\U00016a6f\U00016af5\U00016b37"
    "\U00016b38\U00016b44\U00016e98\U0001bc9f\U0001da88"
)
TERMINATORS |= frozenset(map(chr, range(0x115C9, 0x115D8)))
# ... or, in scripts that put no space between sentences, with one of these and closing punctuation.
FULL_WIDTH_TERMINATORS = frozenset("。！？｡．…")
# The same of a clause. Dashes; the commas and their like of Greek, Armenian, Arabic, N'Ko, Tibetan,
# Myanmar, Ethiopic, Khmer and Mongolian.
CLAUSE_MARKS = frozenset(
    ",;:–—\u0387\u055d\u060c\u061b\u07f8\u0f0d\u0f0e\u104a\u1363\u1364\u1365\u1366\u17d6\u1802\u1808⁏⹁"
)
FULL_WIDTH_CLAUSE_MARKS = frozenset("，；：、､﹐﹑﹔﹕︐︑︓︔")
# What shows nothing, such as a mark of direction, belongs to what is before it.
FORMATS = frozenset("\xad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff") | frozenset(
    map(chr, [*range(0x2060, 0x2065), *range(0x2066, 0x206A)])
)
FULL_WIDTH_CLOSERS = frozenset("”’»›)]}）］｝」』】》〉〕〗〙｣｠") | FORMATS
CLOSERS = FULL_WIDTH_CLOSERS | frozenset("\"'“‹«*_`¹²³⁰⁴⁵⁶⁷⁸⁹")
MARKS = (
    TERMINATORS
    | FULL_WIDTH_TERMINATORS
    | CLAUSE_MARKS
    | FULL_WIDTH_CLAUSE_MARKS
    | FULL_WIDTH_CLOSERS
    | CLOSERS
)

BREAKS = frozenset("\n\x0b\x0c\r\x85\u2028\u2029")
"""Line breaks, and the form feed, which breaks a page."""
PARAGRAPH_ENDS = frozenset("\x0c\u2029")
"""Those before which a paragraph ends, without an empty line."""
SPACE = BREAKS | frozenset(
    map(chr, [0x09, 0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000])
)


# Each of these belongs to what is before it, in scripts without spaces too.
CLOSING = FULL_WIDTH_TERMINATORS | FULL_WIDTH_CLAUSE_MARKS | FULL_WIDTH_CLOSERS
