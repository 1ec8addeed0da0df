"""A look at CBOR (RFC 8949) before it is decoded: only what CTAP2 allows, and nothing that costs much.

The library's decoder recurses without a bound, takes strings that are cut short, and reads floats wrongly.
"""

from hanko_compat.errors.passkeys import CredentialMalformed

MAX_DEPTH = 8  # the statement of a TPM needs three
MAX_ITEMS = 512
UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)  # major types, s. 3.1
SIMPLE_VALUES = range(20, 24)  # false, true, null, undefined
FOLLOWING_BYTES = {24: 1, 25: 2, 26: 4, 27: 8}


def end_of_item(data: bytes, start: int = 0) -> int:
    """Where the item that begins at *start* ends.

    Raises:
        CredentialMalformed: cut short, nested too deeply, too many items, a name given twice, or a kind of
            item that no authenticator writes (CTAP2 s. 8).
    """
    return _Walk(data).item(start, depth=1)


class _Walk:
    """One way through the bytes; counts what it meets."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._items = 0

    def item(self, start: int, *, depth: int) -> int:
        self._items += 1
        if depth > MAX_DEPTH or self._items > MAX_ITEMS:
            raise CredentialMalformed
        major, value, position = self._head(start)
        match major:
            case 0 | 1:
                return position
            case 2 | 3:
                return self._within(position + value)
            case 4:
                for _ in range(value):
                    position = self.item(position, depth=depth + 1)
                return position
            case 5:
                return self._map(position, value, depth=depth)
            case 7 if value in SIMPLE_VALUES and position == start + 1:
                return position
        raise CredentialMalformed

    def _head(self, start: int) -> tuple[int, int, int]:
        """The major type, its argument, and where the head ends."""
        initial = self._data[self._within(start + 1) - 1]
        argument = initial & 0x1F
        if argument < 24:
            return initial >> 5, argument, start + 1
        if argument not in FOLLOWING_BYTES:  # reserved, or of indefinite length
            raise CredentialMalformed
        end = self._within(start + 1 + FOLLOWING_BYTES[argument])
        return initial >> 5, int.from_bytes(self._data[start + 1 : end]), end

    def _map(self, position: int, pairs: int, *, depth: int) -> int:
        names = set()
        for _ in range(pairs):
            end = self.item(position, depth=depth + 1)
            name = self._data[position:end]
            if name in names or name[0] >> 5 not in (UNSIGNED, NEGATIVE, BYTES, TEXT):
                raise CredentialMalformed
            names.add(name)
            position = self.item(end, depth=depth + 1)
        return position

    def _within(self, end: int) -> int:
        if end > len(self._data):
            raise CredentialMalformed
        return end
