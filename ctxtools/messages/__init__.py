"""What a request holds beside plain text: messages, tools, images, video, audio and pages, counted.

    count.py     a request and its parts with counts
    request.py   the one shape that every request is read into
    shapes/      OpenAI's, Anthropic's, Gemini's and LangChain's messages into that shape
    chat/        how a model sees a request: one encoder or template a family
    media/       what images, video, audio and pages cost: one rule a family

Every part is counted, or the call fails and names it.
"""
