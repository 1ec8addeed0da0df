"""Members of JSON objects as the original reads them: by names in letters of any case, each of one type.

It is written in Go, whose `encoding/json` takes a member whose name differs from the wanted one in letter
case only, leaves out what is null, and tells of the first value of a wrong type before anything is judged.
"""

from string import ascii_lowercase
from typing import Any

from marshmallow import Schema, fields

from hanko_compat.errors.json_text import JSONRefused, TypeMismatch
from hanko_compat.web.json_position import bytes_read

Field = fields.Field[Any]

# To the letters in which names are compared: Unicode's simple folding, as far as it has to do with ASCII. The
# Kelvin sign is a K, the long s an S.
FOLDING = {ord(letter): letter.upper() for letter in ascii_lowercase} | {0x212A: "K", 0x017F: "S"}

# The type that a value needs for each kind of field, with its name in messages; the first that fits counts.
KINDS: tuple[tuple[type[Field], type, str], ...] = (
    (fields.String, str, "string"),
    (fields.UUID, str, "string"),
    (fields.Nested, dict, "object"),
    (fields.List, list, "array"),
)
NAMES = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}


def describe(mismatch: TypeMismatch, text: str) -> str:
    """The message of the original; *text* is the body."""
    expected, got, offset = mismatch.expected, NAMES[type(mismatch.value)], bytes_read(text, mismatch.path)
    return f"Unmarshal type error: expected={expected}, got={got}, field={mismatch.field}, offset={offset}"


class Members:
    """The members that a schema knows."""

    def __init__(self, schema: Schema) -> None:
        self._fields = {field.data_key or name: field for name, field in schema.load_fields.items()}
        self._names = {_folded(name): name for name in self._fields}
        self._nested = {
            name: Members(field.schema)
            for name, field in self._fields.items()
            if isinstance(field, fields.Nested)
        }

    def pick(self, value: Any) -> dict[str, Any]:
        """What *value* says of these members, by their names in the schema; no null is among it.

        Raises:
            TypeMismatch: the first value of a wrong type, *value* itself perhaps.
            JSONRefused: two names stand for one member.
        """
        if not isinstance(value, dict):
            raise TypeMismatch(value, expected="object", field="", path=())
        return self._pick(value, (), "")

    def _pick(self, value: dict[str, Any], path: tuple[str | int, ...], prefix: str) -> dict[str, Any]:
        picked: dict[str, Any] = {}
        for sent, member in value.items():
            name = sent if sent in self._fields else self._names.get(_folded(sent))
            if name is None:
                continue
            if name in picked:
                # Unlike Hanko 2.7.0: there the last one wins, and a proxy in front may read another.
                raise JSONRefused("a name is given twice in one object")
            picked[name] = self._typed(self._fields[name], member, (*path, sent), f"{prefix}{name}", name)
        return {name: member for name, member in picked.items() if member is not None}

    def _typed(self, field: Field, value: Any, path: tuple[str | int, ...], told: str, name: str) -> Any:
        if value is None:
            return None
        for kind, needed, expected in KINDS:
            if isinstance(field, kind):
                if type(value) is not needed:
                    raise TypeMismatch(value, expected=expected, field=told, path=path)
                break
        if isinstance(field, fields.Nested):
            return self._nested[name]._pick(value, path, f"{told}.")
        if isinstance(field, fields.List):
            # As Hanko 2.7.0: null is an empty text in a list.
            return [
                "" if item is None else self._typed(field.inner, item, (*path, number), told, name)
                for number, item in enumerate(value)
            ]
        return value


def _folded(name: str) -> str:
    """The form that a name shares with those which differ in letter case only; the API's own are ASCII."""
    return name.translate(FOLDING)
