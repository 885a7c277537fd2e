"""English words in random order, of which generated texts are made."""

import random
from typing import Final

_VOCABULARY: Final = """
the of and to in is was for on that with as by it from at an be this which or are has had not
but they were one all can more time people year system program number world house point hand
part place case week company group problem fact money water room mother area story result change
morning reason research moment air teacher force education request response server client
session token payload timeout database customer order invoice delivery account price quantity
status description category location temperature measurement frequency experiment quarterly
authentication responsibility international straightforward unfortunately
"""
WORDS: Final = _VOCABULARY.split()


def words(rng: random.Random, least: int = 3, most: int = 9) -> str:
    """Some English words, in random order."""
    return " ".join(rng.choices(WORDS, k=rng.randint(least, most)))
