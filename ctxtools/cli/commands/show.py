"""``ctx show``: a text or a conversation with its tokens in alternating colors."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

from ctxtools.cli import options as opt
from ctxtools.cli.declarations import option
from ctxtools.errors import CtxtoolsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctxtools.config import Color


def show(
    path: opt.OnePath = "-",
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    ids: Annotated[bool, option("--ids", help="Show each token's id after it.")] = False,
    html: opt.Html = None,
    special: opt.Special = False,
    *,
    conversations: opt.ConversationOptions,
    charset: opt.Charset = None,
    color: opt.Colors = None,
) -> None:
    """Show a text with its tokens in alternating colors, or between bars if there is no color.

    A character of several tokens is shown once, with the ids of all of them. A conversation is
    shown as the model sees it, message by message; where that is not public, as a table of parts.
    """
    from ctxtools.cli.inputs import read_one
    from ctxtools.cli.output.reports.show.tokens import TokenWriter
    from ctxtools.cli.runs.conversations import guess_conversation
    from ctxtools.cli.targets import allowed_special, check_one_target, resolve_exact
    from ctxtools.documents.file import display_name
    from ctxtools.documents.readers.values import parse_json

    if html is not None:
        from ctxtools.cli.output.files import OutputFiles

        OutputFiles([html]).refuse(
            [path, encoding, conversations.tools, conversations.chat_template]
        )
    conversations.refuse(special=special)
    as_messages = conversations.asks_for_messages()
    text = read_one(path, charset=charset)
    conversation = None
    if as_messages:
        conversation = parse_json(text, display_name(path))
    elif as_messages is None and path.endswith(".json") and not special:
        conversation = guess_conversation(text)
    if conversation is not None:
        check_one_target(model, encoding)
        _show_conversation(
            conversation,
            path,
            model,
            encoding,
            conversations.counting(),
            ids=ids,
            html=html,
            color=color,
        )
        return
    target = resolve_exact(model, encoding)
    tokenizer = target.encoding
    tokens = tokenizer.encode(text, allowed_special=allowed_special(tokenizer, special=special))
    if html is not None:
        from ctxtools.cli.output.html import write_tokens_page

        write_tokens_page(html, tokens, target, display_name(path))
    TokenWriter(tokenizer, color, ids=ids).tokens(tokens)
    sys.stdout.write("" if text.endswith("\n") else "\n")


def _show_conversation(
    conversation: object,
    path: str,
    model: str | None,
    encoding: str | None,
    counting: "Mapping[str, Any]",
    *,
    ids: bool,
    html: str | None,
    color: "Color | None",
) -> None:
    from ctxtools.cli.output.console import warn
    from ctxtools.cli.output.reports.show.conversation import show_parts, show_pieces
    from ctxtools.cli.output.reports.show.tokens import TokenWriter
    from ctxtools.cli.runs.conversations import located, prepare_for
    from ctxtools.cli.targets import resolve_targets
    from ctxtools.config import load_config
    from ctxtools.documents.file import display_name

    config = load_config()
    models, encodings = ([model] if model else []), ([encoding] if encoding else [])
    target = resolve_targets(config, models, encodings, None, None)[0]
    try:
        prepared = prepare_for(conversation, target, path, counting)
        counted, rendered = prepared.count(), prepared.render()
    except CtxtoolsError as error:
        raise located(error, display_name(path)) from error
    is_table = rendered is None or target.estimate is not None
    if html is not None:
        from ctxtools.cli.output.html import write_messages_page

        pieces = None if rendered is None or is_table else rendered.pieces
        write_messages_page(html, counted, pieces, target, display_name(path))
    if rendered is None or is_table:
        show_parts(counted, color or config.color)
    else:
        writer = TokenWriter(target.encoding, color, ids=ids)
        show_pieces(rendered.pieces, counted, target.encoding, writer)
    for note in counted.notes:
        warn(f"note: {note}")
