"""What a tool says when it does not do what it was asked: the model reads it and can act on it."""


class Refused(Exception):
    """The reason in words, and what to do instead."""
