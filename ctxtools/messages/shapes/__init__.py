"""Messages as each interface takes them, read into `ctxtools.messages.request.Request`."""
