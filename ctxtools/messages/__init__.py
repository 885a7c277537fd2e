"""What a request holds beside plain text: messages, tools, images, video, audio and pages, counted.

    count.py     a request and its parts with counts
    encode.py    a conversation as ids, and what a model is to learn of it
    request.py   the one shape that every request is read into
    shapes/      OpenAI's, Anthropic's, Gemini's and LangChain's messages into that shape
    chat/        how a model sees a request: one encoder or template a family
    media/       what images, video, audio and pages cost: one rule a family

Every part is counted, or the call fails and names it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools.messages.count import count_messages
    from ctxtools.messages.encode import EncodedMessages, encode_messages
    from ctxtools.messages.media.files import read_image
    from ctxtools.messages.media.items import Audio, Document, Image, Page, Video
    from ctxtools.messages.media.readers.kinds import media_kind_of
    from ctxtools.messages.media.readers.read import (
        read_audio,
        read_document,
        read_media,
        read_video,
    )
    from ctxtools.messages.media.rules import MediaTokens
    from ctxtools.messages.media.tokens import (
        audio_tokens,
        document_tokens,
        image_tokens,
        video_tokens,
    )
    from ctxtools.messages.parts import CountedMessages, Part

__all__ = [
    "Audio",
    "CountedMessages",
    "Document",
    "EncodedMessages",
    "Image",
    "MediaTokens",
    "Page",
    "Part",
    "Video",
    "audio_tokens",
    "count_messages",
    "document_tokens",
    "encode_messages",
    "image_tokens",
    "media_kind_of",
    "read_audio",
    "read_document",
    "read_image",
    "read_media",
    "read_video",
    "video_tokens",
]

if not TYPE_CHECKING:
    from ctxtools._lazy import lazy_names

    # Each is imported on its first use: an image needs no chat format, a conversation no image.
    _HOMES = {
        "count": ("count_messages",),
        "encode": ("EncodedMessages", "encode_messages"),
        "media.files": ("read_image",),
        "media.items": ("Audio", "Document", "Image", "Page", "Video"),
        "media.readers.kinds": ("media_kind_of",),
        "media.readers.read": ("read_audio", "read_document", "read_media", "read_video"),
        "media.rules": ("MediaTokens",),
        "media.tokens": ("audio_tokens", "document_tokens", "image_tokens", "video_tokens"),
        "parts": ("CountedMessages", "Part"),
    }
    __getattr__, __dir__ = lazy_names(globals(), _HOMES)
