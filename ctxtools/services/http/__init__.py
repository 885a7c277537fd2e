"""A server of token counts, in the interfaces that gateways and clients speak.

    run.py        the process: the socket, uvicorn, signals
    protocol.py   what a connection may take before there is a request
    app.py        a request's way: access, bounds, the endpoint, the answer
    bodies.py     reading a request's body, within bounds
    work.py       threads that count, and how many requests wait for them
    models.py     the models that requests name
    answers.py    answers, and why a request is refused
    interfaces/   Anthropic's, OpenAI's, vLLM's and LiteLLM's requests, answers and errors
    metrics.py    what was served, as Prometheus reads it
    openapi.py    what is served, as OpenAPI describes it

Nothing that a request names is fetched or opened.
"""
