"""Names as people type them, against the tokenizer and the window that the model has.

The table holds public names: of providers' APIs, of repositories on the hub, of Ollama. In it ``+``
is a window that is known, from hosts' figures, which may change with the next list; ``?`` one that
is not.
"""

import importlib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctxtools.encodings.files.specs import SPECS
from ctxtools.errors import BudgetError, UnknownEncodingError, UnknownModelError
from ctxtools.models import Model, Registry, encoding_for_model, get_model, list_models
from ctxtools.models.catalog import FAMILIES, LISTED
from ctxtools.models.names import bare_name, listed_key, lookup_key, readings
from ctxtools.toml_file import read_toml

TABLE = """
gpt-4o-2024-05-13 | o200k_base | 128,000
gpt-4o-2024-08-06 | o200k_base | 128,000
gpt-5-codex | o200k_base | 400,000
gpt-5-pro-2025-10-06 | o200k_base | 400,000
gpt-5-2025-08-07 | o200k_base | 400,000
gpt-5.1-codex-mini | o200k_base | 400,000
codex-mini-latest | o200k_base | +
azure/gpt-35-turbo-16k | cl100k_base | 16,385
ft:gpt-4o-mini-2024-07-18:org::id | o200k_base | 128,000
ft:gpt-3.5-turbo-0125:my-org:custom:abc | cl100k_base | 16,385
gpt-3.5-turbo-0613 | cl100k_base | 4,097
gpt-35-turbo-0613 | cl100k_base | 4,097
gpt-4-vision-preview | cl100k_base | 128,000
gpt-4-1106-preview | cl100k_base | 128,000
davinci-002 | cl100k_base | 16,384
text-embedding-ada-002 | cl100k_base | 8,191
o3-pro-2025-06-10 | o200k_base | 200,000
o4-mini-deep-research | o200k_base | 200,000
gpt-4.5-preview-2025-02-27 | o200k_base | 128,000
anthropic.claude-3-5-sonnet-20241022-v2:0 | closed | 200,000
us.anthropic.claude-sonnet-4-5-20250929-v1:0 | closed | 200,000
bedrock/us.anthropic.claude-3-haiku-20240307-v1:0 | closed | 200,000
bedrock/anthropic.claude-instant-v1 | closed | ?
anthropic.claude-v2:1 | closed | 200,000
claude-3-opus@20240229 | closed | 200,000
claude-2.1 | closed | 200,000
claude-3-sonnet-20240229 | closed | 200,000
claude-4-5-sonnet | closed | 200,000
claude-opus-4-1-20250805 | closed | 200,000
claude-sonnet-4-5[1m] | closed | ?
vertex_ai/gemini-2.0-flash-001 | hf:google/gemma-3-27b-it | 1,048,576
gemini/gemini-2.5-pro-preview-05-06 | hf:google/gemma-3-27b-it | 1,048,576
models/gemini-1.5-flash-002 | hf:google/gemma-2-9b-it | 1,048,576
gemini-2.0-flash-exp | hf:google/gemma-3-27b-it | 1,048,576
gemini-pro | hf:google/gemma-2-9b-it | 32,760
meta-llama/Meta-Llama-3-8B-Instruct | hf:meta-llama/Llama-3.1-8B-Instruct | +
llama3.1:8b-instruct-q4_K_M | hf:meta-llama/Llama-3.1-8B-Instruct | +
llama3:70b | hf:meta-llama/Llama-3.1-8B-Instruct | +
llama2:13b | hf:meta-llama/Llama-2-7b-chat-hf | +
codellama:7b | hf:meta-llama/Llama-2-7b-chat-hf | +
us.meta.llama4-maverick-17b-instruct-v1:0 | hf:meta-llama/Llama-4-Scout-17B-16E-Instruct | +
groq/llama-3.1-8b-instant | hf:meta-llama/Llama-3.1-8B-Instruct | +
mistral-nemo | hf:mistralai/Mistral-Nemo-Instruct-2407 | +
mistral-small-latest | hf:mistralai/Mistral-Nemo-Instruct-2407 | +
open-mixtral-8x22b | hf:mistralai/Mistral-7B-Instruct-v0.3 | +
codestral-latest | hf:mistralai/Mistral-Nemo-Instruct-2407 | +
mistral-large-2411 | hf:mistralai/Mistral-7B-Instruct-v0.3 | +
phi3:mini | hf:microsoft/Phi-3.5-mini-instruct | ?
gemma3:27b | hf:google/gemma-3-27b-it | +
google/gemma-2-9b-it | hf:google/gemma-2-9b-it | +
mlx-community/Qwen3-30B-A3B-4bit | qwen2 | +
lmstudio-community/Qwen2.5-7B-Instruct-GGUF | qwen2 | +
bartowski/Qwen_Qwen3-8B-GGUF | qwen2 | +
hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M | hf:meta-llama/Llama-3.1-8B-Instruct | +
Qwen/Qwen3-4B-Thinking-2507 | qwen2 | ?
Qwen/Qwen3-235B-A22B-Instruct-2507-FP8 | qwen2 | +
qwen3:8b | qwen2 | +
qwen2.5:7b-instruct-q4_K_M | qwen2 | +
qwen2.5vl:7b | qwen2 | ?
qwq:32b | qwen2 | +
qwen-plus-latest | qwen2 | +
qwen3.5:7b | hf:Qwen/Qwen3.5-397B-A17B | ?
Qwen/Qwen3.5-27B | hf:Qwen/Qwen3.5-397B-A17B | +
Qwen/Qwen3-Next-80B-A3B-Instruct | qwen2 | +
Qwen/Qwen3-Embedding-0.6B | qwen2 | +
Qwen/Qwen1.5-7B-Chat | qwen2 | ?
deepseek-r1:7b | qwen2 | ?
deepseek-r1:8b | qwen2 | ?
deepseek-r1:70b | hf:deepseek-ai/DeepSeek-R1-Distill-Llama-70B | ?
deepseek-r1:671b | deepseek_v3 | 65,536
deepseek-r1:latest | qwen2 | ?
deepseek-r1-0528-qwen3-8b | qwen2 | ?
tngtech/deepseek-r1t-chimera:free | deepseek_v3 | ?
deepseek.r1-v1:0 | deepseek_v3 | +
deepseek/deepseek-chat-v3-0324:free | deepseek_v3 | ?
gpt-oss:120b-cloud | o200k_harmony | 131,072
openai.gpt-oss-20b-1:0 | o200k_harmony | 131,072
moonshotai/Kimi-K2-Instruct-0905 | hf:moonshotai/Kimi-K2-Instruct | +
moonshot-v1-128k | closed | +
zai-org/GLM-4.5-Air-FP8 | hf:zai-org/GLM-4.7 | +
MiniMaxAI/MiniMax-M2.1 | hf:MiniMaxAI/MiniMax-M2 | +
x-ai/grok-code-fast-1 | closed | +
xai/grok-4-0709 | closed | 256,000
perplexity/sonar-pro | closed | +
amazon.nova-pro-v1:0 | closed | +
cohere.command-r-plus-v1:0 | hf:CohereLabs/c4ai-command-r-plus | +
voyage-3-large | hf:voyageai/voyage-3 | +
intfloat/multilingual-e5-large | hf:intfloat/multilingual-e5-large | ?
sentence-transformers/all-MiniLM-L6-v2 | hf:sentence-transformers/all-MiniLM-L6-v2 | ?
ai21.jamba-1-5-large-v1:0 | hf:ai21labs/AI21-Jamba-1.5-Mini | +
o1-foo-bar | o200k_base | ?
qwen | qwen2 | ?
gpt-4-0314 | cl100k_base | 8,192
gpt-4-32k | cl100k_base | 32,768
gpt-4-0125-preview | cl100k_base | 128,000
gpt-4-turbo-2024-04-09 | cl100k_base | 128,000
gpt-4-1106-vision-preview | cl100k_base | 128,000
gpt-3.5-turbo-1106 | cl100k_base | 16,385
gpt-3.5-turbo-0301 | cl100k_base | 4,097
gpt-3.5-turbo-16k-0613 | cl100k_base | 16,385
gpt-3.5-turbo-instruct | cl100k_base | 4,096
gpt-3.5 | cl100k_base | ?
gpt-35-turbo | cl100k_base | 16,385
gpt-4o-audio-preview-2024-12-17 | o200k_base | 128,000
gpt-4o-mini-realtime-preview | o200k_base | 128,000
gpt-4o-mini-search-preview-2025-03-11 | o200k_base | 128,000
gpt-4o-transcribe | o200k_base | ?
gpt-4.1-2025-04-14 | o200k_base | 1,047,576
openai/gpt-4.1-nano-2025-04-14 | o200k_base | 1,047,576
ft:gpt-4.1-mini-2025-04-14:acme::B1x | o200k_base | 1,047,576
ft:davinci-002:acme::1 | cl100k_base | 16,384
curie:ft-acme-2023-01-01-00-00-00 | r50k_base | ?
o1-2024-12-17 | o200k_base | 200,000
o1-pro | o200k_base | 200,000
o3-mini-2025-01-31 | o200k_base | 200,000
o3-mini-high | o200k_base | 200,000
openai/o3-deep-research | o200k_base | 200,000
o4-mini-2025-04-16 | o200k_base | 200,000
gpt-5-mini-2025-08-07 | o200k_base | 400,000
gpt-5-nano | o200k_base | 400,000
gpt-5-chat-latest | o200k_base | 128,000
gpt-5.1-chat-latest | o200k_base | 128,000
gpt-5.2-pro | o200k_base | 400,000
gpt-5.3-codex | o200k_base | 400,000
gpt-5-high | o200k_base | 400,000
openai-responses:gpt-5.2 | o200k_base | 400,000
azure_ai/gpt-5.4 | o200k_base | 1,050,000
azure/eu/gpt-4o-2024-08-06 | o200k_base | 128,000
github_copilot/gpt-4.1 | o200k_base | 1,047,576
text-embedding-3-small | cl100k_base | 8,191
openai/text-embedding-3-large | cl100k_base | 8,191
code-davinci-002 | p50k_base | ?
text-curie-001 | r50k_base | ?
davinci | r50k_base | ?
gpt-2 | gpt2 | ?
gpt-oss:latest | o200k_harmony | ?
openai/gpt-oss-120b:exacto | o200k_harmony | 131,072
groq/openai/gpt-oss-20b | o200k_harmony | 131,072
ollama/gpt-oss:20b | o200k_harmony | 131,072
ollama_chat/llama3.2 | hf:meta-llama/Llama-3.1-8B-Instruct | ?
unsloth/gpt-oss-20b-unsloth-bnb-4bit | o200k_harmony | 131,072
lmstudio-community/gpt-oss-20b-MLX-8bit | o200k_harmony | 131,072
claude-3-opus-latest | closed | 200,000
claude-3-opus | closed | 200,000
claude-3-sonnet | closed | ?
claude-3.7-sonnet:thinking | closed | 200,000
anthropic/claude-3.7-sonnet:beta | closed | 200,000
anthropic/claude-opus-4.1 | closed | 200,000
claude-opus-4-20250514 | closed | 200,000
claude-4-opus | closed | 200,000
claude-4-sonnet-20250514 | closed | 200,000
claude-sonnet-4@20250514 | closed | 200,000
vertex_ai/claude-opus-4-5@20251101 | closed | 200,000
bedrock/eu-central-1/anthropic.claude-v2 | closed | 100,000
apac.anthropic.claude-sonnet-4-20250514-v1:0 | closed | 200,000
global.anthropic.claude-haiku-4-5-20251001-v1:0 | closed | 200,000
arn:aws:bedrock:us-east-1:1:x/us.anthropic.claude-3-7-sonnet-20250219-v1:0 | closed | 200,000
anthropic:claude-haiku-4-5 | closed | 200,000
claude-instant-1.2 | closed | 100,000
claude-2 | closed | 100,000
claude-2.0 | closed | 100,000
databricks-claude-sonnet-4 | closed | +
snowflake/claude-3-5-sonnet | closed | 200,000
claude-haiku-4.5 | closed | 200,000
gemini-1.0-pro | hf:google/gemma-2-9b-it | 32,760
gemini-1.5-flash-8b | hf:google/gemma-2-9b-it | 1,048,576
gemini-1.5-pro-latest | hf:google/gemma-2-9b-it | 1,048,576
gemini-2.0-flash | hf:google/gemma-3-27b-it | 1,048,576
gemini-2.0-flash-lite-001 | hf:google/gemma-3-27b-it | 1,048,576
gemini-2.0-flash-thinking-exp-01-21 | hf:google/gemma-3-27b-it | 1,048,576
gemini-2.5-flash-lite-preview-06-17 | hf:google/gemma-3-27b-it | 1,048,576
gemini-2.5-pro-exp-03-25 | hf:google/gemma-3-27b-it | 1,048,576
google/gemini-2.5-pro | hf:google/gemma-3-27b-it | 1,048,576
google-gla:gemini-2.5-flash | hf:google/gemma-3-27b-it | 1,048,576
gemini-3-pro-preview | hf:google/gemma-4-E4B-it | ?
gemini/gemini-3-flash-preview | hf:google/gemma-4-E4B-it | 1,048,576
gemini-flash-latest | hf:google/gemma-4-E4B-it | 1,048,576
publishers/google/models/gemini-2.5-flash | hf:google/gemma-3-27b-it | 1,048,576
text-embedding-004 | closed | 2,048
gemini-embedding-001 | closed | 2,048
text-bison@001 | closed | +
gemma-2-27b-it | hf:google/gemma-2-9b-it | +
google/gemma-3-4b-it | hf:google/gemma-3-27b-it | +
gemma3:12b-it-qat | hf:google/gemma-3-27b-it | +
gemma-3n-e4b-it | hf:google/gemma-3-27b-it | ?
gemma:7b | hf:google/gemma-2-9b-it | +
codegemma:7b | hf:google/gemma-2-9b-it | +
mlx-community/gemma-3-27b-it-4bit | hf:google/gemma-3-27b-it | +
meta-llama/Llama-3.1-405B-Instruct-FP8 | hf:meta-llama/Llama-3.1-8B-Instruct | +
meta-llama/Llama-3.2-11B-Vision-Instruct | hf:meta-llama/Llama-3.1-8B-Instruct | +
meta-llama/Llama-2-7b-chat-hf | hf:meta-llama/Llama-2-7b-chat-hf | +
meta-llama/llama-3.1-70b-instruct:free | hf:meta-llama/Llama-3.1-8B-Instruct | +
accounts/fireworks/models/llama-v3p1-8b-instruct | hf:meta-llama/Llama-3.1-8B-Instruct | +
@cf/meta/llama-3.1-8b-instruct | hf:meta-llama/Llama-3.1-8B-Instruct | +
meta.llama3-1-70b-instruct-v1:0 | hf:meta-llama/Llama-3.1-8B-Instruct | +
us.meta.llama3-2-90b-instruct-v1:0 | hf:meta-llama/Llama-3.1-8B-Instruct | +
llama3.3:70b-instruct-q8_0 | hf:meta-llama/Llama-3.3-70B-Instruct | +
llama4:scout | hf:meta-llama/Llama-4-Scout-17B-16E-Instruct | +
meta-llama/Llama-4-Maverick-17B-128E-Instruct | hf:meta-llama/Llama-4-Maverick-17B-128E-Instruct | +
replicate/meta/meta-llama-3-70b-instruct | hf:meta-llama/Llama-3.1-8B-Instruct | +
hermes3:8b | hf:meta-llama/Llama-3.1-8B-Instruct | +
NousResearch/Hermes-3-Llama-3.1-8B | hf:meta-llama/Llama-3.1-8B-Instruct | ?
nvidia/Llama-3.1-Nemotron-70B-Instruct-HF | hf:meta-llama/Llama-3.1-8B-Instruct | +
codellama/CodeLlama-34b-Instruct-hf | hf:meta-llama/Llama-2-7b-chat-hf | +
TheBloke/Mistral-7B-Instruct-v0.2-GPTQ | hf:mistralai/Mistral-7B-Instruct-v0.3 | +
mistralai/Mistral-7B-Instruct-v0.3 | hf:mistralai/Mistral-7B-Instruct-v0.3 | ?
mistral.mistral-7b-instruct-v0:2 | hf:mistralai/Mistral-7B-Instruct-v0.3 | +
mistralai/Mixtral-8x22B-Instruct-v0.1 | hf:mistralai/Mistral-7B-Instruct-v0.3 | +
mistralai/Mistral-Nemo-Instruct-2407 | hf:mistralai/Mistral-Nemo-Instruct-2407 | +
mistral/mistral-medium-2508 | hf:mistralai/Mistral-Nemo-Instruct-2407 | +
mistral-small:24b | hf:mistralai/Mistral-Nemo-Instruct-2407 | ?
mistralai/Mistral-Small-3.2-24B-Instruct-2506 | hf:mistralai/Mistral-Nemo-Instruct-2407 | +
mistral-tiny | hf:mistralai/Mistral-7B-Instruct-v0.3 | +
ministral-8b-latest | hf:mistralai/Mistral-Nemo-Instruct-2407 | +
pixtral-large-2411 | hf:mistralai/Mistral-7B-Instruct-v0.3 | +
codestral:22b | hf:mistralai/Mistral-7B-Instruct-v0.3 | ?
codestral-2501 | hf:mistralai/Mistral-Nemo-Instruct-2407 | ?
devstral:24b | hf:mistralai/Mistral-Nemo-Instruct-2407 | ?
magistral-medium-latest | hf:mistralai/Mistral-Nemo-Instruct-2407 | +
open-mistral-7b | hf:mistralai/Mistral-7B-Instruct-v0.3 | +
mistral-embed | closed | +
Qwen/Qwen2-0.5B-Instruct | qwen2 | ?
Qwen/Qwen2.5-14B-Instruct-1M | qwen2 | +
Qwen/Qwen2.5-32B-Instruct-GPTQ-Int4 | qwen2 | +
Qwen/Qwen2.5-Math-72B-Instruct | qwen2 | ?
Qwen/Qwen2.5-VL-7B-Instruct | qwen2 | ?
Qwen/Qwen2.5-Omni-7B | qwen2 | ?
Qwen/Qwen3-0.6B-Base | qwen2 | ?
Qwen/Qwen3-1.7B-GGUF | qwen2 | ?
Qwen/Qwen3-14B-AWQ | qwen2 | +
Qwen/Qwen3-30B-A3B-Instruct-2507 | qwen2 | +
Qwen/Qwen3-32B-MLX-4bit | qwen2 | +
Qwen/Qwen3-VL-8B-Instruct | qwen2 | +
Qwen/Qwen3-Coder-30B-A3B-Instruct | qwen2 | +
Qwen/Qwen3-Coder-Next | qwen2 | +
Qwen/Qwen3-Reranker-4B | qwen2 | ?
unsloth/Qwen3-14B-unsloth-bnb-4bit | qwen2 | +
qwen2.5-coder:1.5b-base | qwen2 | ?
qwen2:72b-instruct-q4_0 | qwen2 | +
qwen3:30b-a3b-thinking-2507-q4_K_M | qwen2 | ?
qwen3-coder:30b | qwen2 | ?
qwen/qwen-2.5-72b-instruct:free | qwen2 | +
cerebras/qwen-3-32b | qwen2 | +
accounts/fireworks/models/qwen3-235b-a22b | qwen2 | +
dashscope/qwen-max-latest | qwen2 | +
qwen-turbo | qwen2 | +
qwen-long | qwen2 | ?
qwen3-max-preview | qwen2 | +
qwq-32b-preview | qwen2 | ?
qvq-72b-preview | qwen2 | ?
Alibaba-NLP/gte-Qwen2-7B-instruct | qwen2 | ?
qwen.qwen3-coder-30b-a3b-v1:0 | qwen2 | +
qwen3.5-flash | hf:Qwen/Qwen3.5-397B-A17B | ?
Qwen/Qwen3.6-35B-A3B | hf:Qwen/Qwen3.5-397B-A17B | +
qwen3.7-max | hf:Qwen/Qwen3.5-397B-A17B | +
deepseek-ai/DeepSeek-V3-Base | deepseek_v3 | ?
deepseek-ai/DeepSeek-V3.1-Base | deepseek_v3 | ?
deepseek-ai/DeepSeek-V3.2-Speciale | deepseek_v3 | ?
deepseek-ai/DeepSeek-R1-Zero | deepseek_v3 | ?
deepseek-ai/DeepSeek-Prover-V2-671B | deepseek_v3 | ?
unsloth/DeepSeek-R1-0528-GGUF | deepseek_v3 | 65,536
nvidia/DeepSeek-R1-0528-FP4 | deepseek_v3 | 65,536
deepseek-r1:1.5b | qwen2 | ?
deepseek-r1:14b-qwen-distill-q4_K_M | qwen2 | ?
deepseek-r1:8b-llama-distill-q4_K_M | hf:deepseek-ai/DeepSeek-R1-Distill-Llama-70B | ?
unsloth/DeepSeek-R1-Distill-Llama-8B-GGUF | hf:deepseek-ai/DeepSeek-R1-Distill-Llama-70B | ?
deepseek-ai/DeepSeek-R1-0528-Qwen3-8B | qwen2 | ?
groq/deepseek-r1-distill-llama-70b | hf:deepseek-ai/DeepSeek-R1-Distill-Llama-70B | +
deepseek-v3.1:671b-terminus-q4_K_M | deepseek_v3 | ?
deepseek/deepseek-r1:free | deepseek_v3 | 65,536
deepseek.v3-v1:0 | deepseek_v3 | +
us.deepseek.r1-v1:0 | deepseek_v3 | +
vertex_ai/deepseek-ai/deepseek-v3.1-maas | deepseek_v3 | 131,072
perplexity/r1-1776 | deepseek_v3 | ?
deepseek-coder:6.7b | hf:deepseek-ai/deepseek-coder-33b-instruct | ?
deepseek-ai/deepseek-coder-33b-instruct | hf:deepseek-ai/deepseek-coder-33b-instruct | +
deepseek-ai/DeepSeek-V2-Lite | hf:deepseek-ai/DeepSeek-V2.5 | ?
deepseek-ai/deepseek-llm-67b-chat | hf:deepseek-ai/DeepSeek-V2.5 | ?
grok-2-1212 | closed | +
grok-beta | closed | +
xai/grok-4-fast-reasoning | closed | ?
x-ai/grok-4.1-fast | closed | ?
grok-3-mini-beta | closed | 131,072
command-r7b-12-2024 | hf:CohereLabs/c4ai-command-r7b-12-2024 | +
command-r-08-2024 | hf:CohereLabs/c4ai-command-r-plus | +
cohere/command-a | hf:CohereLabs/c4ai-command-a-03-2025 | +
CohereLabs/aya-expanse-32b | hf:CohereLabs/c4ai-command-r-plus | ?
embed-english-v3.0 | closed | +
microsoft/Phi-3-medium-128k-instruct | hf:microsoft/Phi-3.5-mini-instruct | +
phi3.5 | hf:microsoft/Phi-3.5-mini-instruct | ?
microsoft/Phi-4-mini-instruct | hf:microsoft/Phi-4-mini-instruct | +
microsoft/phi-4-reasoning-plus | hf:microsoft/phi-4 | ?
phi4:14b | hf:microsoft/phi-4 | ?
zai-org/GLM-4.6-FP8 | hf:zai-org/GLM-4.6 | +
THUDM/glm-4-9b-chat | hf:zai-org/GLM-4.7 | ?
z-ai/glm-4.5-air:free | hf:zai-org/GLM-4.7 | +
glm4:9b | hf:zai-org/GLM-4.7 | ?
zai-org/GLM-5 | hf:zai-org/GLM-5.2 | +
moonshotai/Kimi-K2-Thinking | hf:moonshotai/Kimi-K2-Instruct | +
moonshotai/kimi-k2:free | hf:moonshotai/Kimi-K2-Instruct | +
kimi-k2-0711-preview | hf:moonshotai/Kimi-K2-Instruct | +
groq/moonshotai/kimi-k2-instruct | hf:moonshotai/Kimi-K2-Instruct | +
MiniMaxAI/MiniMax-M1-80k | hf:MiniMaxAI/MiniMax-M2 | ?
minimax/minimax-m2:free | hf:MiniMaxAI/MiniMax-M2 | +
baidu/ERNIE-4.5-21B-A3B-PT | hf:baidu/ERNIE-4.5-300B-A47B-PT | +
ernie-x1-turbo-32k | closed | ?
tencent/Hunyuan-A13B-Instruct | hf:tencent/Hunyuan-A13B-Instruct | +
hunyuan-turbos-latest | closed | ?
doubao-seed-1-6-250615 | closed | ?
ByteDance-Seed/Seed-OSS-36B-Instruct | hf:ByteDance-Seed/Seed-OSS-36B-Instruct | ?
01-ai/Yi-1.5-9B-Chat | hf:01-ai/Yi-1.5-34B-Chat | ?
yi-large | closed | +
internlm/internlm2_5-7b-chat | hf:internlm/internlm2_5-7b-chat | ?
ai21/jamba-large-1.7 | hf:ai21labs/AI21-Jamba-1.5-Mini | +
us.amazon.nova-premier-v1:0 | closed | +
amazon.titan-embed-text-v2:0 | closed | +
amazon.titan-text-express-v1 | closed | +
ibm-granite/granite-3.3-8b-instruct | hf:ibm-granite/granite-3.3-8b-instruct | +
sonar-reasoning-pro | closed | +
BAAI/bge-large-en-v1.5 | hf:BAAI/bge-large-en-v1.5 | ?
nomic-embed-text:v1.5 | hf:nomic-ai/nomic-embed-text-v1.5 | +
mxbai-embed-large | hf:mixedbread-ai/mxbai-embed-large-v1 | ?
voyage-code-3 | hf:voyageai/voyage-3 | +
jina-embeddings-v3 | hf:jinaai/jina-embeddings-v3 | ?
step-2-16k | closed | ?
"""

ROWS = [tuple(cell.strip() for cell in line.split("|")) for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("name", "tokenizer", "window"), ROWS, ids=lambda value: value)
def test_a_name_has_its_tokenizer_and_its_window(name: str, tokenizer: str, window: str) -> None:
    model = get_model(name)
    assert (model.encoding or model.load or ("closed" if model.closed else None)) == tokenizer
    if window == "?":
        assert (model.context, model.max_input, model.max_output) == (None, None, None)
        with pytest.raises(BudgetError, match="is unknown"):
            model.budget()
    elif window == "+":
        assert model.context is not None
    else:
        assert model.context == int(window.replace(",", ""))


@pytest.mark.parametrize("name", [row[0] for row in ROWS[::7]])
def test_case_does_not_matter(name: str) -> None:
    lower, upper = get_model(name.lower()), get_model(name.upper())
    assert lower == upper == get_model(f"  {name} ")


@pytest.mark.parametrize(
    "name",
    [
        *("gpt-4x", "gpt-4oo", "gpt-40", "gpt4x", "o11", "o1x", "agpt-4o", "not-gpt-4o", "o5"),
        *("llama-qwen", "llama-3-qwen-merge", "qwen2-llama-3", "mistral-7b-gemma", "deepseek-gpt"),
        *("deepseek", "deepseek-v5", "deepseek-r2", "deepseek-vl2", "xdeepseek-v3"),
        *("qwen-image", "qwenx", "myqwen3", "codeqwen-7b", "qwen0"),
        *("claude", "claude-next", "llama-9", "llama-5-8b", "mistral-qux", "gemma-9", "phi-9"),
        *(
            "zebra",
            "",
            " ",
            "/",
            "-",
            ":",
            "@",
            "-latest",
            ":free",
            "-instruct",
            "ft:",
            "a/b/c/",
            "\0",
        ),
        *("kimi", "glm-9", "command-z", "text-embedding-9", "text-embedding-ada", "gpt-oss2"),
        "x" * 10_000,
    ],
)
def test_what_merely_looks_alike_is_not_found(name: str) -> None:
    with pytest.raises(UnknownModelError):
        get_model(name)


@pytest.mark.parametrize(
    ("name", "not_of"),
    [
        ("qwen3.5:7b", "qwen2"),
        ("qwen/qwen3.6-plus", "qwen2"),
        ("Qwen3p7-Max", "qwen2"),
        ("deepseek-llama3.3-70b", "deepseek_v3"),
        ("deepseek-v2", "deepseek_v3"),
        ("deepseek-ai/DeepSeek-V2.5-1210", "deepseek_v3"),
        ("deepseek-coder-v2:16b", "deepseek_v3"),
        ("deepseek-r1:32b", "deepseek_v3"),
        ("deepseek-r1-distill-llama-8b", "deepseek_v3"),
        ("deepseek-r1-distill-llama-8b", "qwen2"),
        ("gpt-oss-20b", "o200k_base"),
        ("phi-4", "cl100k_base"),
    ],
)
def test_a_later_or_other_family_is_not_taken_for_it(name: str, not_of: str) -> None:
    assert get_model(name).encoding != not_of


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("somebody/Merged-Qwen3-8B-v2", "qwen2"),
        ("somebody/tiny-qwen3-0.6b:Q8_0", "qwen2"),
        ("somebody/Taught-Qwen2.5-Coder-14B", "qwen2"),
        ("dolphin-qwen2.5-7b", "qwen2"),
        ("Tongyi-Zhiwen/QwenLong-L1-32B", "qwen2"),
        ("somebody/Merged-Qwen3.5-9B", None),
        ("dolphin-3-qwen3.5-9b", None),
        ("somebody/Llama-Qwen3-8B", None),
    ],
)
def test_a_model_that_others_trained_further_has_the_tokenizer_of_its_base(
    name: str, encoding: str | None
) -> None:
    found = Registry.packaged().find(name)
    assert (found and found.encoding) == encoding


tiktoken_model = importlib.import_module("tiktoken.model")
ENCODINGS: dict[str, str] = tiktoken_model.MODEL_TO_ENCODING
PREFIXES: dict[str, str] = tiktoken_model.MODEL_PREFIX_TO_ENCODING


@pytest.mark.parametrize("name", ENCODINGS)
def test_each_name_that_tiktoken_knows_has_its_encoding(name: str) -> None:
    assert get_model(name).encoding == ENCODINGS[name]
    if ENCODINGS[name] in SPECS:
        assert encoding_for_model(name).name == ENCODINGS[name]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("suffix", ["mini", "2031-01-02", "0613", "pro-preview", "x_y.z", "q:r::s"])
def test_each_prefix_that_tiktoken_knows_has_its_encoding(prefix: str, suffix: str) -> None:
    assert get_model(prefix + suffix).encoding == PREFIXES[prefix]


def test_a_fine_tune_of_gpt_4_1_is_of_gpt_4_1() -> None:
    """tiktoken 0.14 takes it for one of GPT-4, whose name its name begins with."""
    assert get_model("ft:gpt-4.1-2025-04-14:org::id").encoding == "o200k_base"
    assert get_model("ft:gpt-4-0613:org::id").encoding == "cl100k_base"


def test_an_encoding_that_is_not_packaged_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    with pytest.raises(UnknownEncodingError, match="p50k_base is not packaged") as raised:
        encoding_for_model("text-davinci-003")
    assert "tiktoken.get_encoding" in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("name", "context", "max_output"),
    [
        ("gpt-3.5-turbo-0613", 4_097, 4_096),
        ("gpt-3.5-turbo-1106", 16_385, 4_096),
        ("gpt-4-32k-0613", 32_768, 4_096),
        ("gpt-4-0314", 8_192, 4_096),
        ("gpt-4o-2024-05-13", 128_000, 4_096),
        ("gpt-4o-2024-11-20", 128_000, 16_384),
        ("o1-preview-2024-09-12", 128_000, 32_768),
        ("claude-2.1", 200_000, 8_191),
        ("claude-2.0", 100_000, 8_191),
    ],
)
def test_an_edition_keeps_its_own_limits(name: str, context: int, max_output: int) -> None:
    model = get_model(name)
    assert (model.context, model.max_output) == (context, max_output)


@pytest.mark.parametrize(
    ("variant", "base"),
    [
        ("gpt-4o-0101", "gpt-4o"),
        ("claude-opus-4-5-experimental", "claude-opus-4-5"),
        ("claude-sonnet-4-5[1m]", "claude-sonnet-4-5"),
        ("anthropic.claude-3-haiku-20240307-v1:0:48k", "claude-3-haiku"),
        ("Qwen/Qwen3-8B-Base", "qwen3-8b"),
        ("gemini-2.5-pro-exp", "gemini-2.5-pro"),
    ],
)
def test_a_variant_has_the_tokenizer_but_not_the_limits(variant: str, base: str) -> None:
    found, known = get_model(variant), get_model(base)
    assert (found.encoding, found.load, found.closed) == (known.encoding, known.load, known.closed)
    assert found.estimate == known.estimate
    assert found.context is None
    assert known.context is not None


def test_openais_window_is_input_and_output_where_the_list_has_the_input() -> None:
    model = get_model("gpt-5-codex")
    assert (model.context, model.max_input, model.max_output) == (400_000, 272_000, 128_000)


_alphabet = st.sampled_from("gptoclaudeqwen3145-.:/@_#[] \n0Kkmß\u212a\u0130")
_pieces = st.sampled_from(
    [
        *("gpt-4o", "claude-3.5-sonnet", "qwen3", "deepseek-r1", "llama3", "gemini-2.5-pro", "o1"),
        *("openai/", "azure:", "us.", "anthropic.", "ft:", "@cf/", "hf.co/", "bartowski/Qwen_"),
        *(":free", ":7b", "-v2:0", "@20240620", "-20250929", "-latest", "-preview", "-FP8", "-it"),
        *("[1m]", "-GGUF", ":latest", "-0613", ".gguf", "-instruct-turbo", "#x", "::", "--", "//"),
    ]
)
_names = st.text(max_size=40) | st.text(_alphabet, max_size=40) | st.lists(_pieces).map("".join)


@given(_names)
@example("ft:::::")
@example("deepseek.deepseek.r1")
@example("databricks-databricks-")
def test_reading_a_name_ends_and_never_crashes(name: str) -> None:
    found = [*readings(name)]
    assert len(found) <= 2 * len(name) + 2
    Registry.packaged().find(name)
    assert lookup_key(lookup_key(name)) == lookup_key(lookup_key(lookup_key(name)))
    bare_name(name)
    listed_key(name)


@given(_names)
def test_any_name_is_found_whatever_its_case(name: str) -> None:
    if name.lower().upper().lower() == name.lower():  # not so of "ß" and a few others
        registry = Registry.packaged()
        assert registry.find(name) == registry.find(name.lower())


def test_an_unknown_name_is_answered_by_the_closest_of_all() -> None:
    for typed, meant in (
        ("claud-opus-4-5", "claude-opus-4-5"),
        ("host/lama-3.3-70b", "llama-3.3-70b"),
    ):
        with pytest.raises(UnknownModelError) as raised:
            get_model(typed)
        assert meant in (raised.value.hint or "")


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.name)
def test_a_family_agrees_with_the_models_of_it_that_are_listed(model: Model) -> None:
    family = Registry.packaged().family(model.name)
    assert family is not None
    assert (family.encoding, family.closed) == (model.encoding, model.closed)
    assert family.estimate == model.estimate


def test_every_family_states_one_tokenizer() -> None:
    for row in read_toml(FAMILIES)["families"]:
        assert sum(key in row for key in ("encoding", "load", "closed")) == 1, row["match"]
        assert "source" in row
        assert not row.get("closed") or "estimate" in row


def test_the_list_is_small_and_is_not_read_for_a_common_name() -> None:
    import subprocess
    import sys

    assert LISTED.stat().st_size < 150_000
    code = (
        "import sys; from ctxtools.models import get_model; get_model('gpt-4o'); "
        "print('ctxtools.models.catalog' in sys.modules and 'json' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
