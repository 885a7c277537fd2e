"""The public interface as users type against it: checked by mypy, never run."""

from typing import assert_type

import ctxtools as ctx

encoding = ctx.get_encoding("o200k_base")
assert_type(encoding, ctx.Encoding)
ctx.get_encodin("o200k_base")  # type: ignore[attr-defined]  # an unused ignore is an error
assert_type(encoding.count("text", threads=2), int)
assert_type(encoding.count("text", allowed_special="all"), int)
assert_type(encoding.count_batch(["a", "b"], allowed_special=["<|endoftext|>"]), list[int])
assert_type(encoding.count_files(["README.md"]), list[int])
assert_type(encoding.count_till_limit("text", 10), int | None)
assert_type(encoding.fits("text", 1_000_000), bool)
assert_type(encoding.encode("<|endoftext|>", allowed_special="all"), list[int])
assert_type(encoding.encode("<|endoftext|>", allowed_special={"<|endoftext|>"}), list[int])
assert_type(encoding.decode([1, 2]), str)
assert_type(encoding.decode_bytes((1, 2)), bytes)
assert_type(encoding.truncate("text", 8_000, side="left"), str)
assert_type(ctx.encoding_for_model("deepseek-v4-pro"), ctx.Encoding)
assert_type(ctx.load_encoding("tokenizer.json"), ctx.Encoding)

counter = encoding.counter()
counter.feed("text")
assert_type(counter.finish(), int)

assert_type(encoding.encode_to_buffer("text"), memoryview)
assert_type(encoding.encode_batch(["a", "b"]), list[list[int]])
assert_type(encoding.decode(encoding.encode_to_buffer("text")), str)

index = encoding.index("some text")
assert_type(index, ctx.EditableIndex)
assert_type(index.append(" more"), ctx.Edit)
assert_type(encoding.counter(), ctx.Counter)
session = encoding.session("some text")
assert_type(session, ctx.Session)
assert_type(session.append(" more"), int)
assert_type(session.total, int)
side: ctx.Side = "left"
assert_type(encoding.truncate("text", 10, side=side, allowed_special="all"), str)
assert_type(index.count(0, 4), int)
assert_type(index.end(0, 512), int)
assert_type(index.total, int)

model = ctx.get_model("deepseek-v4-pro")
assert_type(model, ctx.Model)
assert_type(model.context, int | None)
assert_type(model.budget(reserve_output=32_000), ctx.Budget)
assert_type(model.budget(reserve_output=32_000).available, int)
assert_type(ctx.list_models(), tuple[ctx.Model, ...])

for document in ctx.read_documents("docs/"):
    assert_type(document, ctx.Document)
    assert_type(document.text, str)

chunker = ctx.Chunker(encoding, chunk_size=(512, 128), chunk_overlap=64, format="markdown")
ctx.Chunker(len, 100, strategy="greedy", header=True, on_oversize="split-tokens")
for chunk in chunker.chunk("text", source="a.md"):
    assert_type(chunk, ctx.Chunk)
    assert_type(chunk.headings, tuple[str, ...])
chunks = chunker.chunk_stream(["te", "xt"])
assert_type(next(chunks), ctx.Chunk)
assert_type(chunker.chunk_size, int)
assert_type(chunker.encoding, ctx.Encoding | None)
assert_type(chunks, ctx.Chunks)
assert_type(chunks.summary, ctx.Summary)
assert_type(chunks.summary.fill, float)

packed = ctx.pack({"a.md": "text"}, encoding, budget=model.budget(), pins=["a.md"])
assert_type(packed, ctx.Pack)
assert_type(packed.text, str)
assert_type(packed.optimality_gap, float)
assert_type(packed.documents[0].token_count, int)
assert_type(packed.omitted[0].reason, str)
ctx.pack(ctx.read_documents("docs/"), encoding, budget=8_000, priorities={"src/**": 10})
ctx.pack([("a.md", "text")], encoding, budget=8_000, requires={"a.md": ["b.md"]})
assert_type(ctx.pack_parts({"a.md": "text"}, encoding, part_limit=1_000), list[ctx.Pack])
chat = ctx.pack_messages([{"role": "user", "content": "Hi"}], encoding, budget=100)
assert_type(chat, ctx.PackedMessages)
assert_type(chat.token_count, int)

counted = ctx.count_messages(
    [{"role": "user", "content": "Hi"}], model="gpt-4o", tools=[{"name": "search"}]
)
assert_type(counted, ctx.CountedMessages)
assert_type(counted.total, int)
assert_type(counted.interval, ctx.Interval)
assert_type(counted.parts[0], ctx.Part)
assert_type(ctx.image_tokens("qwen3-vl-8b", width=640, height=480), ctx.MediaTokens)
assert_type(ctx.video_tokens("qwen3-vl-8b", width=640, height=480, seconds=9), ctx.MediaTokens)
assert_type(ctx.audio_tokens("gemini-2.5-pro", seconds=9), ctx.MediaTokens)
assert_type(ctx.document_tokens("gemini-2.5-pro", pages=3), ctx.MediaTokens)

plan = ctx.pack_sequences([700, 300, 2500], window=1_000, overlong="split", seed=7)
assert_type(plan, ctx.Plan)
assert_type(plan.bins_above_bound, int)
assert_type(plan.efficiency, float)
assert_type(plan[0], ctx.TrainingWindow)

memory = ctx.plan_memory("deepseek-v4-pro", "ascend-910c", devices=16, context=1_000_000)
assert_type(memory, ctx.MemoryPlan)
assert_type(memory.fits, bool | None)
assert_type(memory.needed, int)
assert_type(memory.max_sequences, ctx.Interval | None)
ctx.plan_memory(ctx.architecture_of("model/"), "96GB", context="1M", engine="sglang")
assert_type(ctx.list_devices(), tuple[ctx.Device, ...])
assert_type(ctx.list_architectures(), tuple[ctx.Architecture, ...])

try:
    ctx.get_encoding("o300k")
except (ctx.UnknownEncodingError, ctx.errors.NetworkError) as error:
    assert_type(error.hint, str | None)

checked = ctx.check_limits({"docs/**": {"each": "25k", "all": 400_000}}, "docs", against="main")
assert_type(checked, ctx.CheckedLimits)
assert_type(checked.fits, bool)
assert_type(checked.exceeded[0].path, str | None)
assert_type(checked.files[0].tokens, int)
assert_type(ctx.check_limits(ctx.load_limits(), ["a.md"]).totals[0].rule, ctx.LimitRule)
