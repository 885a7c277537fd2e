"""What interfaces take beside contents and do not show to the model: ids, settings, bookkeeping.

These keys alone may hold texts that are not counted. A key that is in no list is refused.
"""

# Texts among them of which the caller is told.
NOTED = ("annotations", "citations")
NOTED_OF_BODY = ("prediction",)

# Of a part, a message or an item, in any interface. An id may still be written by a chat format
# (Mistral's and Kimi's calls have them): that is counted with the format.
CONTENT = frozenset({
    "id", "type", "object", "index", "status", "created_at", "completed_at", "cache_control",
    "annotations", "citations", "logprobs", "extras", "container", "created_by", "caller",
})  # fmt: skip

# What says of which form data is; the data itself is read.
FORM = CONTENT | {
    "mime_type", "media_type", "source_type", "format", "display_name", "closed", "expires_at",
    "resized_height", "resized_width",
}  # fmt: skip

# OpenAI's messages. "prefix" and "partial" ask a vendor to go on with the message.
OPENAI_MESSAGE = CONTENT | {"prefix", "partial", "weight", "finish_reason", "phase"}

# Anthropic's citations are not billed again ("cited_text" is no input); a message of a response
# has its own bookkeeping.
ANTHROPIC_MESSAGE = CONTENT | {
    "model", "stop_reason", "stop_sequence", "usage", "stop_details", "context_management",
}  # fmt: skip

# LangChain keeps what a provider returned beside a message.
LANGCHAIN_MESSAGE = CONTENT | {
    "response_metadata", "usage_metadata", "example", "artifact", "tool_call_chunks",
    "chunk_position", "lc", "lc_attributes", "stop_reason",
}  # fmt: skip

# A response's own fields beside its content.
GEMINI_CONTENT = CONTENT | {"token_count", "finish_reason", "safety_ratings"}

# Settings of a request. OpenAI bills a "prediction" as output; "audio" is how the answer sounds.
BODY = frozenset({
    "model", "stream", "stream_options", "temperature", "top_p", "top_k", "min_p", "n", "stop",
    "stop_sequences", "max_tokens", "max_completion_tokens", "max_output_tokens", "max_tool_calls",
    "presence_penalty", "frequency_penalty", "repetition_penalty", "logit_bias", "seed", "user",
    "logprobs", "top_logprobs", "parallel_tool_calls", "store", "metadata", "service_tier",
    "modalities", "verbosity", "include", "truncation", "prompt_cache_key", "safety_identifier",
    "prompt_cache_retention", "background", "prediction", "audio", "anthropic_version",
    "anthropic_beta", "betas", "inference_geo", "speed", "labels", "safety_settings", "id",
    "custom_id", "object", "provider", "transforms", "source", "keep_alive", "options",
})  # fmt: skip

# Of the settings of thinking, of the form of an answer, and of the choice of a tool.
THINKING = frozenset({"type", "budget_tokens", "display", "summary", "generate_summary",
                      "include_thoughts", "thinking_budget", "keep"})  # fmt: skip
ANSWER = frozenset({"type", "verbosity", "effort"})
CHOICE = frozenset({"type", "mode", "disable_parallel_tool_use"})
