"""The offline model of the agent: it routes and fills slots; it has no weights of its own and cannot make anything up."""
