"""Errors whose message is meant for the person at the keyboard."""


class UnusableInput(Exception):
    """A file or folder cannot be used; the message says why and what to do."""
