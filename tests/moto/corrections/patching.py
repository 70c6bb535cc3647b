"""How a correction takes the place of a method of moto's."""

import functools


def replaces(owner, name):
    """Puts the function below in the place of `owner.name`, or adds it."""

    def place(replacement):
        setattr(owner, name, replacement)
        return replacement

    return place


def wraps(owner, name):
    """Puts the function below around `owner.name`, which it is given first."""

    def place(replacement):
        original = getattr(owner, name)

        @functools.wraps(original)
        def method(self, *arguments, **keywords):
            return replacement(original, self, *arguments, **keywords)

        setattr(owner, name, method)
        return replacement

    return place


def page(items, token, size):
    """Cuts one page of `items`; the token is the place where it starts."""
    start = int(token) if token else 0
    end = start + size
    return items[start:end], str(end) if end < len(items) else None
