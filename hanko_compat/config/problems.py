"""The place of a problem in a configuration, as operators read it."""

Path = tuple[str | int, ...]


def dotted(path: Path) -> str:
    """Write a path as operators read it: ``("secrets", "keys", 0)`` is ``secrets.keys[0]``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{_word(part)}" for part in path)
    return "".join(parts).removeprefix(".")


def _word(part: object) -> str:
    """A name; a key of YAML may be no text."""
    text = str(part)
    return text if text.isprintable() else repr(text)
