"""Sequences into training windows, and a data loader that resumes.

    python examples/training_windows.py

Every token goes in exactly once, with an end-of-text after each document.
"""

import tempfile

import ctxtools as ctx

WINDOW = 512


def main() -> None:
    encoding = ctx.get_encoding("o200k_base")
    texts = [f"Document {n}. " + "It was the best of times. " * (n % 60) for n in range(500)]
    ids = encoding.encode_batch(texts)

    plan = ctx.pack_sequences([len(each) for each in ids], window=WINDOW, eos_tokens=1)
    print(
        f"{plan.bins} windows, at least {plan.lower_bound} are needed, {plan.efficiency:.1%} full"
    )
    end_of_text = encoding.token_id("<|endoftext|>")
    windows = ctx.PackedDataset(plan, ids, eos=end_of_text, pad=end_of_text)
    filled = sum(window["filled"] for window in windows)
    assert filled == sum(map(len, ids)) + len(ids)

    with tempfile.TemporaryDirectory() as folder:
        windows.save(folder, "numpy")
        started = [w["input_ids"].tolist() for w in ctx.WindowStream(folder, seed=7)]
        resumed = [w["input_ids"].tolist() for w in ctx.WindowStream(folder, seed=7, start=10)]
        assert resumed[:5] == started[10:15]
        print("resumed at step 10 with the same windows")


if __name__ == "__main__":
    main()
