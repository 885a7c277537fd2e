"""The tools of ctxtools for agents, by the Model Context Protocol."""
