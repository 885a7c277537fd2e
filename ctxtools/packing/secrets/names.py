"""Files whose names say that they hold a secret; and the type of what is found in others.

Apart from `patterns`, whose expressions take time to compile.
"""

import re
from typing import NamedTuple


class Span(NamedTuple):
    """A secret in a text.

    Attributes:
        start, end: offsets in characters.
        kind: what it looks like: "AWS Access Key".
        certain: whether its shape alone says so. A password is only likely to be one.
    """

    start: int
    end: int
    kind: str
    certain: bool = True


_KEY_FILE = re.compile(
    r"id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|.*\.(?:ppk|pkcs8|keystore|jks|p12|pfx)"
)
_CREDENTIALS_FILE = re.compile(
    r"[._]netrc|\.(?:pgpass|htpasswd|git-credentials|pypirc|dockercfg|vault-token)"
)


def by_name(path: str) -> str | None:
    """What a file holds, by its name, that nobody should see: "Private Key"; None for others."""
    name = path.rsplit("/", 1)[-1].lower()
    if _KEY_FILE.fullmatch(name):
        return "Private Key"
    return "credentials" if _CREDENTIALS_FILE.fullmatch(name) else None
