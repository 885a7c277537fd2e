"""An agent whose conversation never exceeds its model's budget.

    python examples/agent_loop.py

Before each call the history is cut to what fits: the system prompt and the last turns stay, calls
of tools stay with their results. The model here is a stand-in that answers at length; in its place
call your own with ``kept.messages``.
"""

from collections.abc import Sequence

import ctxtools as ctx

MODEL = "deepseek-v4-pro"
BUDGET = 2_000  # in earnest: ctx.get_model(MODEL).budget(reserve_output=32_000)

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "search",
            "description": "Search the archive.",
            "parameters": {"type": "object", "properties": {"query": {"type": "string"}}},
        },
    }
]


def answer(messages: Sequence[object]) -> dict[str, object]:
    """What a model says: it sees the whole request."""
    return {"role": "assistant", "content": f"I have read {len(messages)} messages. " * 20}


def main() -> None:
    messages: list[dict[str, object]] = [{"role": "system", "content": "You are a librarian."}]
    dropped = 0
    for turn in range(30):
        messages.append({"role": "user", "content": f"Question {turn}: which book is red?"})
        kept = ctx.pack_messages(messages, model=MODEL, tools=TOOLS, budget=BUDGET)
        assert kept.token_count <= BUDGET
        dropped += len(messages) - len(kept.messages)
        messages = [*kept.messages, answer(kept.messages)]
    counted = ctx.count_messages(messages[:-1], model=MODEL, tools=TOOLS)
    print(f"{counted.total} of {BUDGET} tokens, {dropped} old messages were dropped")
    assert dropped > 0


if __name__ == "__main__":
    main()
