"""Text that others chose, fit to be shown."""


def printable(text: str) -> str:
    r"""The text on one line, what is not printable written as in Python: `\x1b`.

    An RBAC object's name, for one, may hold anything but '/' and '%'.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
