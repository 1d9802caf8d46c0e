"""Numbers with their nouns."""


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 user`, `1,000 users`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
