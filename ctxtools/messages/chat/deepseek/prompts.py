"""The texts that DeepSeek's encoders show to a model beside those of the request.

They are part of the formats, so they are given letter for letter, from PyPI's deepseek-recipe 0.2.0
(MIT) and, for V3.2, the model's repository (MIT), both read on 2026-11-29.
"""

from typing import Final

from ctxtools.messages.chat.deepseek.writer import DSML, END_THINK, THINK

EFFORT_HIGH: Final = """\
Reasoning Effort: Absolute maximum with no shortcuts permitted.
You MUST be very thorough in your thinking and comprehensively decompose the problem to resolve \
the root cause, rigorously stress-testing your logic against all potential paths, edge cases, and \
adversarial scenarios.
Explicitly write out your entire deliberation process, documenting every intermediate step, \
considered alternative, and rejected hypothesis to ensure absolutely no assumption is left \
unchecked.

"""
EFFORT_MAX: Final = """\
Reasoning Effort: Beyond maximum — exhaustive, relentless, and uncompromising.
You MUST reason with the utmost depth and rigor, leaving absolutely nothing to chance: \
exhaustively decompose the problem into its most fundamental components, trace every causal chain \
to its root, and resolve the underlying cause rather than any surface symptom.
Do not stop reasoning until you have independently verified the solution from multiple angles and \
are certain that no assumption remains unchecked and no error remains undiscovered.

"""
EFFORT_SCORE: Final = (
    "Reasoning Effort: {score} (range 1-100, the higher the value, the more thorough the "
    "reasoning)\n\n"
)

JSON_OBJECT: Final = (
    "You are a helpful assistant designed to output JSON.\n"
    "## Response Format:\n\nReply with JSON object ONLY."
)
SCHEMA: Final = (
    "## Response Format:\n\nYou MUST strictly adhere to the following schema to reply:\n"
)


def tools_prompt(block: str, call: str, parameter: str) -> tuple[str, str]:
    """What V4 and V4.1 say before and after the tools, with the names of their tags."""
    before = f"""\
## Tools

You have access to a set of tools to help answer the user's question. You can invoke tools by \
writing a "<{DSML}{block}>" block like the following:

<{DSML}{block}>
<{DSML}{call} name="$TOOL_NAME">
<{DSML}{parameter} name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE</{DSML}{parameter}>
...
</{DSML}{call}>
<{DSML}{call} name="$TOOL_NAME2">
...
</{DSML}{call}>
</{DSML}{block}>

String parameters should be specified as is and set `string="true"`. For all other types \
(numbers, booleans, arrays, objects), pass the value in JSON format and set `string="false"`.

If thinking_mode is enabled (triggered by {THINK}), you MUST output your complete reasoning inside \
{THINK}...{END_THINK} BEFORE any tool calls or final response.

Otherwise, output directly after {END_THINK} with tool calls or final response.

### Available Tool Schemas

"""
    after = (
        "\nYou MUST strictly follow the above defined tool name and parameter schemas to invoke "
        "tool calls.\n"
    )
    return before, after


def tools_prompt_v32(block: str) -> tuple[str, str]:
    """What V3.2 says before and after the tools, with the name of its tag around calls."""
    before = f"""\
## Tools
You have access to a set of tools you can use to answer the user's question.
You can invoke functions by writing a "<{DSML}{block}>" block like the following as part of your \
reply to the user:
<{DSML}{block}>
<{DSML}invoke name="$FUNCTION_NAME">
<{DSML}parameter name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE</{DSML}parameter>
...
</{DSML}invoke>
<{DSML}invoke name="$FUNCTION_NAME2">
...
</{DSML}invoke>
</{DSML}{block}>
String and scalar parameters should be specified as is without any escaping or quotes, while lists \
and objects should use JSON format. The "string" attribute should be set to "true" for string type \
parameters and "false" for other types (numbers, booleans, arrays, objects).
If the thinking_mode is enabled, then after function results you should strongly consider \
outputting a thinking block. Here is an example:
<{DSML}{block}>
...
</{DSML}{block}>
<function_results>
...
</function_results>
{THINK}...thinking about results{END_THINK}
Here are the functions available in JSONSchema format:
<functions>
"""
    return before, "\n</functions>\n"
