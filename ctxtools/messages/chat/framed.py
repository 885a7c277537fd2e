"""Claude, Gemini, and models whose format is not known: texts as they are, all else by intervals.

The figures, and what they rest on, are those of the rows of formats.toml.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ctxtools.messages.chat.formats import ChatOptions, Counted
from ctxtools.messages.chat.framing import (
    Figure,
    Framing,
    Ledger,
    count_response_format,
    count_tools,
    thinks,
)
from ctxtools.messages.meter import Meter
from ctxtools.messages.parts import Basis, merged
from ctxtools.messages.request import Request
from ctxtools.models.names import LONGEST_NAME, readings

_THINKING = (
    "what the model thought in earlier turns is counted, though the API may leave it out: the "
    "interval begins without it"
)

_PROMPT = (
    "the vendor's documentation has had several numbers for the system prompt of tools: the "
    "interval spans them"
)


def count(
    request: Request,
    meter: Meter,
    options: ChatOptions,
    *,
    source: str,
    rule: str,
    basis: Basis,
    message: Figure,
    reply: Figure,
    speaker: Figure,
    call: Figure,
    result: Figure,
    form: Figure,
    tool: Figure,
    prompt: Figure,
    spread: Sequence[float],
    notes: Sequence[str],
    prompts: Sequence[Mapping[str, Any]] = (),
) -> Counted:
    """The tokens of a request, by the figures of a row of formats.toml.

    Args:
        request: with messages and tools.
        meter: counts texts and media.
        options: are of no influence.
        source: of the figures.
        rule: the name of the format.
        basis: how the figures are known.
        message: for each message; the others are those of `Framing`.
        reply: once.
        speaker: for a name.
        call: for a call.
        result: for a result.
        form: for the form of the answer, beside its schema.
        tool: for each tool.
        prompt: once, for what tells the model of tools.
        spread: tokens of tools for each of their JSON: low, typical, high.
        notes: on every count.
        prompts: the same of some models, which "match" names: with a tool that has to be called
            ("required"), and without ("auto").
    """
    ledger = Ledger(meter, rule, source, basis)
    known = _prompt_of(meter.model or "", request, prompts)
    count_tools(request, ledger, prompt=known or prompt, tool=tool, spread=spread)
    count_response_format(request, ledger, extra=form)
    Framing(message, reply, speaker, call, result, role=False).count(request, ledger)
    more = [_THINKING] if thinks(request) else []
    if request.tools and isinstance(known, Sequence):
        more.append(_PROMPT)
    return Counted(merged(ledger.parts), (*notes, *more))


def _prompt_of(model: str, request: Request, prompts: Sequence[Mapping[str, Any]]) -> Figure | None:
    """What tells a model of tools; None if it is not known of this model."""
    choice = "auto" if request.tool_choice in (None, "auto", "none") else "required"
    for way in readings(model[:LONGEST_NAME]):
        for row in prompts:
            if re.match(rf"(?:{row['match']})(?=-|$)", way.key):
                figure: Figure = row[choice]
                return figure
    return None
