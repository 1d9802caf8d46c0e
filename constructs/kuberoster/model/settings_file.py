"""Values of cdktf.json, each taken with a check; KuberosterError says what is wrong."""

from collections.abc import Mapping

from kuberoster.model.errors import KuberosterError
from kuberoster.model.names import did_you_mean, shortened


def mapping(value: object, where: str) -> Mapping[str, object]:
    """The value as a JSON object."""
    if not isinstance(value, dict):
        raise error(f"{where} is {shortened(value)}", "It is a JSON object.")
    return value


def text(values: Mapping[str, object], key: str, where: str) -> str | None:
    """The text of a key; None where it is left out."""
    value = values.get(key)
    if value is not None and (not isinstance(value, str) or not value):
        raise error(f"{where}.{key} is {shortened(value)}", "It is text; or leave it out.")
    return value


def only(values: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    """Refuse every other key."""
    for key in values:
        if key not in known:
            raise error(
                f"{where} has no setting {key!r}",
                f"It has {', '.join(known)}.{did_you_mean(key, known)}",
            )


def error(wrong: str, mend: str) -> KuberosterError:
    """What is wrong in cdktf.json, and how to mend it."""
    return KuberosterError(f"cdktf.json: {wrong}.\n{mend}")
