"""The six tools of the agent, each with its own limits."""
