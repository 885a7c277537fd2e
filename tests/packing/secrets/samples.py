"""Secrets of every kind, made up, in pieces, so that no scanner finds them in this file."""

import random
import string

_RANDOM = random.Random(7)


def random_string(length: int, characters: str = string.ascii_letters + string.digits) -> str:
    return "".join(_RANDOM.choices(characters, k=length))


def private_key(name: str = "RSA ", lines: int = 12, line_break: str = "\n") -> str:
    body = line_break.join("MIIE" + random_string(60) for _ in range(lines))
    dashes = "-" * 5
    return line_break.join(
        [f"{dashes}BEGIN {name}PRIVATE KEY{dashes}", body, f"{dashes}END {name}PRIVATE KEY{dashes}"]
    )


CERTAIN = {
    "AWS Access Key": "AK" + "IA" + random_string(16, string.ascii_uppercase + string.digits),
    "GitHub Token": "gh" + "p_" + random_string(36),
    "GitLab Token": "gl" + "pat-" + random_string(20),
    "Slack Token": "xo" + "xb-123456789012-" + random_string(24),
    "Stripe Access Key": "sk" + "_live_" + random_string(24),
    "API Key": "sk" + "-proj-" + "a1" + random_string(46),
    "Google API Key": "AI" + "za" + random_string(35),
    "Hugging Face Token": "hf" + "_" + random_string(34),
    "NPM tokens": "npm" + "_" + random_string(36),
    "SendGrid API Key": "SG" + "." + random_string(22) + "." + random_string(43),
    "JSON Web Token": "ey" + "JhbGciOiJIUzI1NiJ9.ey" + "JzdWIiOiIxMjM0In0." + random_string(43),
    "Age Secret Key": "AGE-" + "SECRET-KEY-1" + random_string(58, string.ascii_uppercase),
    "Private Key": private_key(),
}  # fmt: skip
