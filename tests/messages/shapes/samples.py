"""A request of every interface that holds each kind of content which it has."""

import base64
import struct
import zlib
from collections.abc import Mapping
from typing import Any


def _png(width: int, height: int) -> bytes:
    """The beginning of an image, which is all that measuring one reads."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(
        ">I", zlib.crc32(header)
    )  # fmt: skip


def _wav(seconds: int) -> bytes:
    """Silence, of 8-bit samples, 8,000 a second."""
    size = 8000 * seconds
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    return struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + struct.pack(
        "<4sI", b"data", size
    ) + bytes(size)  # fmt: skip


PNG = _png(640, 480)
WAV_BASE64 = base64.b64encode(_wav(1)).decode()
PNG_BASE64 = base64.b64encode(PNG).decode()
DATA_URI = f"data:image/png;base64,{PNG_BASE64}"
SIZES: Mapping[str, Any] = {
    "https://example.org/photo.png": (640, 480),
    "https://example.org/clip.mp4": (640, 360, 10.0),
    "https://example.org/paper.pdf": 3,
    "https://example.org/talk.wav": 12.5,
    "gs://bucket/talk.wav": 12.5,
    "file-photo": (1024, 768),
    "file-paper": 2,
    "audio_1": 4.0,
    "clip.mp4": (640, 360, 10.0),
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Search",
    "properties": {
        "query": {"type": "string", "description": "What to look for."},
        "unit": {"type": "string", "enum": ["day", "week"]},
        "filter": {
            "anyOf": [{"type": "object", "properties": {"author": {"type": "string"}}}],
            "default": {"author": "Ann"},
            "examples": ["a book"],
        },
    },
    "required": ["query"],
    "$defs": {"page": {"description": "of the results"}},
}
FUNCTION = {"name": "search", "description": "Finds documents.", "parameters": SCHEMA}

OPENAI: dict[str, Any] = {
    "model": "gpt-4o",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "In English."}]},
        {
            "role": "user",
            "name": "Ann",
            "content": [
                {"type": "text", "text": "Look at these."},
                {"type": "image_url", "image_url": {"url": DATA_URI, "detail": "high"}},
                {"type": "image_url", "image_url": "https://example.org/photo.png"},
                {"type": "input_audio", "input_audio": {"data": WAV_BASE64, "format": "wav"}},
                {"type": "audio_url", "audio_url": {"url": "https://example.org/talk.wav"}},
                {"type": "video_url", "video_url": {"url": "https://example.org/clip.mp4"}},
                {"type": "file", "file": {"file_id": "file-paper", "filename": "paper.pdf"}},
                {"type": "file", "file": {"file_data": "JVBERi0=", "filename": "b.pdf"}},
                {"type": "image", "image": PNG},
                {"type": "image", "url": "https://example.org/photo.png"},
                {"type": "video", "video": "clip.mp4"},
                {"type": "audio", "audio": "https://example.org/talk.wav"},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "reasoning_content": "I should look that up.",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "search", "arguments": '{"query": "tides"}'},
                },
                {"id": "c2", "type": "custom", "custom": {"name": "shell", "input": "ls"}},
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "high at noon"},
        {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "a.txt"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "refusal", "refusal": "I cannot."},
                {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
            ],
            "refusal": "No.",
            "function_call": {"name": "search", "arguments": "{}"},
            "reasoning_details": [
                {"type": "reasoning.text", "text": "So far.", "signature": "AAAA"},
                {"type": "reasoning.encrypted", "data": "QUFBQQ=="},
            ],
        },
        {"role": "function", "name": "search", "content": "nothing"},
        {"role": "assistant", "audio": {"id": "audio_1"}, "reasoning": "Enough."},
        {"role": "assistant", "content": "Then", "prefix": True},
    ],
    "tools": [
        {"type": "function", "function": {**FUNCTION, "strict": True}},
        {"type": "custom", "custom": {"name": "shell", "description": "Runs a line.",
         "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: /./"}}}},
    ],
    "functions": [{**FUNCTION, "name": "lookup"}],
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "answer", "description": "The answer.", "schema": SCHEMA},
    },
    "temperature": 0.2,
    "user": "u1",
}  # fmt: skip

RESPONSES: dict[str, Any] = {
    "model": "gpt-4o",
    "instructions": "Be brief.",
    "input": [
        {"role": "user", "content": "Hello"},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Look."},
                {"type": "input_image", "image_url": DATA_URI, "detail": "low"},
                {"type": "input_image", "file_id": "file-photo"},
                {"type": "input_file", "file_id": "file-paper", "filename": "p.pdf"},
                {"type": "input_file", "file_url": "https://example.org/paper.pdf"},
            ],
        },
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "Looked it up."}],
            "content": [{"type": "reasoning_text", "text": "I think."}],
            "encrypted_content": "gAAAAABo",
        },
        {
            "type": "function_call",
            "id": "fc_1",
            "call_id": "call_1",
            "name": "search",
            "arguments": '{"query": "tides"}',
            "status": "completed",
        },
        {"type": "function_call_output", "call_id": "call_1", "output": "high at noon"},
        {
            "type": "function_call_output",
            "call_id": "call_2",
            "output": [{"type": "input_text", "text": "low at six"}],
        },
        {"type": "custom_tool_call", "call_id": "c3", "name": "shell", "input": "ls"},
        {"type": "custom_tool_call_output", "call_id": "c3", "output": "a.txt"},
        {"type": "web_search_call", "id": "ws_1", "status": "completed",
         "action": {"type": "search", "query": "tides"}},
        {"type": "code_interpreter_call", "id": "ci_1", "code": "print(1)", "container_id": "x",
         "outputs": [{"type": "logs", "logs": "1"}]},
        {"type": "mcp_call", "server_label": "docs", "name": "find", "arguments": "{}",
         "output": "found"},
        {"type": "computer_call", "call_id": "c4", "action": {"type": "type", "text": "hi"}},
        {"type": "computer_call_output", "call_id": "c4",
         "output": {"type": "computer_screenshot", "file_id": "file-photo"},
         "acknowledged_safety_checks": [{"id": "s1", "code": "malicious", "message": "Careful."}]},
        {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True,
         "reason": "It only reads."},
        {"type": "local_shell_call_output", "call_id": "c5", "output": "a.txt"},
        {"type": "image_generation_call", "id": "ig_1", "result": PNG_BASE64},
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [
                {"type": "output_text", "text": "At noon.", "annotations": []},
                {"type": "refusal", "refusal": "No more."},
            ],
        },
    ],
    "tools": [
        {"type": "function", **FUNCTION, "strict": True},
        {"type": "custom", "name": "shell", "description": "Runs a line.",
         "format": {"type": "grammar", "syntax": "lark", "definition": "start: /./"}},
    ],
    "text": {"format": {"type": "json_schema", "name": "answer", "schema": SCHEMA}},
    "reasoning": {"effort": "low"},
    "store": False,
}  # fmt: skip

_SOURCE = {"type": "base64", "media_type": "image/png", "data": PNG_BASE64}
ANTHROPIC: dict[str, Any] = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 100,
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look at these."},
                {"type": "image", "source": _SOURCE},
                {
                    "type": "image",
                    "source": {"type": "url", "url": "https://example.org/photo.png"},
                },
                {"type": "image", "source": {"type": "file", "file_id": "file-photo"}},
                {
                    "type": "document",
                    "title": "A paper",
                    "context": "On tides.",
                    "source": {"type": "url", "url": "https://example.org/paper.pdf"},
                    "citations": {"enabled": True},
                },
                {
                    "type": "document",
                    "source": {"type": "text", "media_type": "text/plain", "data": "Of tides."},
                },
                {
                    "type": "document",
                    "source": {"type": "content", "content": [{"type": "text", "text": "Page 1"}]},
                },
                {
                    "type": "search_result",
                    "source": "https://example.org",
                    "title": "Tides",
                    "content": [{"type": "text", "text": "High and low."}],
                },
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "I should look that up.", "signature": "AAAA"},
                {"type": "redacted_thinking", "data": "QUFBQQ=="},
                {"type": "tool_use", "id": "t1", "name": "search", "input": {"query": "tides"}},
                {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"q": "a"}},
                {
                    "type": "web_search_tool_result",
                    "tool_use_id": "s1",
                    "content": [{"type": "web_search_result", "title": "Tides", "url": "u",
                                 "encrypted_content": "QUFB"}],
                },
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "high at noon"},
                {
                    "type": "tool_result",
                    "tool_use_id": "t2",
                    "is_error": True,
                    "content": [
                        {"type": "text", "text": "low at six"},
                        {"type": "image", "source": _SOURCE},
                        {"type": "document",
                         "source": {"type": "text", "media_type": "text/plain", "data": "A log."}},
                        {"type": "search_result", "source": "s", "title": "t",
                         "content": [{"type": "text", "text": "more"}]},
                    ],
                },
            ],
        },
        {"role": "assistant", "content": "At noon."},
    ],
    "tools": [
        {"name": "search", "description": "Finds documents.", "input_schema": SCHEMA,
         "input_examples": [{"query": "tides"}]},
    ],
    "tool_choice": {"type": "tool", "name": "search"},
    "thinking": {"type": "enabled", "budget_tokens": 1024},
    "metadata": {"user_id": "u1"},
}  # fmt: skip

GEMINI: dict[str, Any] = {
    "model": "gemini-2.5-pro",
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "contents": [
        {
            "role": "user",
            "parts": [
                {"text": "Look at these."},
                {"inlineData": {"mimeType": "image/png", "data": PNG_BASE64}},
                {"inlineData": {"mimeType": "text/plain", "data": "T2YgdGlkZXMu"}},
                {"file_data": {"mime_type": "audio/wav", "file_uri": "gs://bucket/talk.wav"}},
                {
                    "fileData": {
                        "mimeType": "video/mp4",
                        "fileUri": "https://example.org/clip.mp4",
                    },
                    "videoMetadata": {"startOffset": "1s", "endOffset": "4s"},
                },
                {
                    "fileData": {
                        "mimeType": "application/pdf",
                        "fileUri": "https://example.org/paper.pdf",
                    }
                },
            ],
        },
        {
            "role": "model",
            "parts": [
                {"text": "I should look that up.", "thought": True},
                {
                    "functionCall": {"name": "search", "args": {"query": "tides"}},
                    "thoughtSignature": "AAAA",
                },
                {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
                {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {
                    "functionResponse": {
                        "name": "search",
                        "response": {"result": "high at noon", "more": [{"at": "six"}]},
                    }
                }
            ],
        },
        {"parts": {"text": "And?"}},
    ],
    "tools": [{"functionDeclarations": [{**FUNCTION, "response": {"type": "STRING"}}]}],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
    "generationConfig": {
        "temperature": 0.2,
        "responseMimeType": "application/json",
        "responseSchema": SCHEMA,
    },
}

LANGCHAIN: list[Any] = [
    ("system", "Be brief."),
    {"type": "human", "content": "Hello", "name": "Ann", "additional_kwargs": {}},
    {
        "type": "human",
        "content": [
            {"type": "text", "text": "Look."},
            {"type": "text-plain", "text": "Of tides.", "title": "A paper"},
            {"type": "image", "base64": PNG_BASE64, "mime_type": "image/png"},
            {"type": "image", "source_type": "base64", "data": PNG_BASE64},
            {"type": "audio", "url": "https://example.org/talk.wav"},
            {"type": "video", "url": "https://example.org/clip.mp4"},
            {"type": "file", "url": "https://example.org/paper.pdf"},
        ],
    },
    {
        "type": "ai",
        "content": [
            {"type": "reasoning", "reasoning": "I should look that up."},
            {"type": "text", "text": "One moment."},
            {"type": "tool_call", "name": "other", "args": {"a": "b"}, "id": "c9"},
            {"type": "server_tool_call", "name": "web", "args": {"q": "x"}, "id": "s1"},
            {"type": "server_tool_result", "tool_call_id": "s1", "output": {"title": "Tides"}},
            {"type": "non_standard", "value": {"type": "text", "text": "odd"}},
        ],
        "tool_calls": [{"name": "search", "args": {"query": "tides"}, "id": "c1",
                        "type": "tool_call"}],
        "invalid_tool_calls": [{"name": "search", "args": "{broken", "id": "c2", "error": "no",
                                "type": "invalid_tool_call"}],
        "additional_kwargs": {"reasoning_content": "Hm.", "refusal": "No."},
        "response_metadata": {"model": "m"},
        "usage_metadata": {"input_tokens": 1},
    },
    {"type": "tool", "content": "high at noon", "tool_call_id": "c1", "name": "search"},
    {"type": "function", "content": "nothing", "name": "lookup"},
    {"type": "chat", "role": "assistant", "content": "At noon."},
    ("human", [{"type": "text", "text": "Thanks."}]),
]  # fmt: skip

REQUESTS: Mapping[str, Any] = {
    "openai": OPENAI,
    "responses": RESPONSES,
    "anthropic": ANTHROPIC,
    "gemini": GEMINI,
    "langchain": LANGCHAIN,
}
