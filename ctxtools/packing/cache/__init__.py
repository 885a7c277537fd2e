"""What is known of texts that were packed before, so that packing them again is quick.

Nothing in it changes what a pack is: the same bytes with it and without it. So an entry is found by
a hash of the text and of what computes entries (`known`), is checked when it is read, and is
computed again if anything about it is wrong. It is in a file of the user's (`store`), of limited
size, which may be deleted at any time.

    known = Known.open(folder)
    known.load(texts)                             # one query for all
    found = known.get("imports", text)            # MISSING if it is not known
    known.put("imports", text, value)             # anything that is JSON
    known.save()
"""

from ctxtools.packing.cache.folder import FILE, size_of, user_cache_folder
from ctxtools.packing.cache.known import MISSING, UNKNOWN, Json, Known

__all__ = ["FILE", "MISSING", "UNKNOWN", "Json", "Known", "size_of", "user_cache_folder"]
