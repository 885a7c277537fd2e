"""What a post-processor puts around one text or a pair.

https://huggingface.co/docs/tokenizers/api/post-processors
"""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Piece(NamedTuple):
    """A text, or tokens that are put beside it.

    Attributes:
        sequence: the number of the text; None for tokens.
        type_id: of its tokens; None: the number of the text.
        ids: of the tokens; () for a text.
        tokens: how they are spelled.
        types_windows: the type is also that of a text's overflowing windows.
    """

    sequence: int | None
    type_id: int | None
    ids: tuple[int, ...] = ()
    tokens: tuple[str, ...] = ()
    types_windows: bool = False


class Template(NamedTuple):
    """What becomes of one text and of two.

    Attributes:
        single: the pieces of one text.
        pair: those of two.
        trims: take white space at the ends of tokens out of offsets.
        prefixed: a space before the first token is not one of the text, and is not taken out.
    """

    single: Sequence[Piece] = (Piece(0, None),)
    pair: Sequence[Piece] = (Piece(0, None), Piece(1, None))
    trims: bool = False
    prefixed: bool = False

    def pieces(self, texts: int, add_special_tokens: bool) -> list[Piece]:
        """The pieces of one text or two, with the tokens between them or without."""
        pieces = self.single if texts == 1 else self.pair
        if add_special_tokens:
            return [*pieces]
        return [each._replace(types_windows=False) for each in pieces if each.sequence is not None]

    def tokens_added(self, texts: int) -> int:
        """How many tokens are put around one text or two."""
        return sum(len(each.ids) for each in (self.single if texts == 1 else self.pair))


def read_template(post_processor: Any) -> Template:
    """The template of a post-processor.

    Args:
        post_processor: its value in a ``tokenizer.json``; None if there is none.

    Raises:
        ValueError: it is of a kind that is not known, or several of a sequence add tokens.
        KeyError, TypeError: it is malformed.
    """
    kind = post_processor["type"] if post_processor else None
    if kind is None:
        return Template()
    if kind == "ByteLevel":
        trims = post_processor.get("trim_offsets", True)
        return Template(trims=trims, prefixed=post_processor.get("add_prefix_space", True))
    if kind == "Sequence":
        return _merged([read_template(each) for each in post_processor["processors"]])
    if kind == "TemplateProcessing":
        special = post_processor["special_tokens"]
        single, pair = (
            [_piece(each, special) for each in post_processor[key]] for key in ("single", "pair")
        )
        return Template(single, pair)
    if kind in ("BertProcessing", "RobertaProcessing"):
        (cls, cls_id), (sep, sep_id) = post_processor["cls"], post_processor["sep"]
        is_bert = kind == "BertProcessing"
        start, end = Piece(None, 0, (cls_id,), (cls,)), Piece(None, 0, (sep_id,), (sep,))
        last = end._replace(type_id=int(is_bert))
        first = Piece(0, 0, types_windows=not is_bert)
        second = Piece(1, int(is_bert), types_windows=not is_bert)
        between = (end,) if is_bert else (end, end)
        return Template(
            (start, first, end),
            (start, first, *between, second, last),
            not is_bert and post_processor.get("trim_offsets", True),
            not is_bert and post_processor.get("add_prefix_space", True),
        )
    raise ValueError(f"what is done by a post-processor of the type {kind!r}")


def _piece(piece: Any, special: Any) -> Piece:
    if "Sequence" in piece:
        found = piece["Sequence"]
        return Piece("AB".index(found["id"]), found["type_id"])
    found = piece["SpecialToken"]
    tokens = special[found["id"]]
    return Piece(None, found["type_id"], tuple(tokens["ids"]), tuple(tokens["tokens"]))


def _merged(templates: Sequence[Template]) -> Template:
    """That of processors one after another, of which one at most adds tokens."""
    adding = [each for each in templates if each.pair != Template().pair] or [Template()]
    trimming = [each for each in templates if each.trims] or [Template()]
    if len(adding) > 1 or len(trimming) > 1:
        raise ValueError("what several post-processors of a sequence do")
    [only], [trims] = adding, trimming
    return only._replace(trims=trims.trims, prefixed=trims.prefixed)
