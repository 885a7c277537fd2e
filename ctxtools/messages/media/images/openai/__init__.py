"""OpenAI: older models count tiles of 512 pixels, newer ones patches of 32."""

BILLS_DIFFER = "an estimate: OpenAI bills one image differently in its different interfaces"
"""A remark on every image: Chat Completions and Responses were seen to disagree."""
