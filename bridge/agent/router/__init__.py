"""The offline model of the agent: it routes and fills slots, has no weights, and cannot make anything up."""
