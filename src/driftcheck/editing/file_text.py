"""The text of a file, and the way back to its bytes: encoding, byte-order mark and line ends stay as they are."""

from __future__ import annotations

from dataclasses import dataclass

from driftcheck.errors import InputError
from driftcheck.loaders.encoding import BINARY, sniff_encoding

_PARQUET = b"PAR1"
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True)
class FileText:
    """A file's bytes, and the text that they are."""

    name: str
    """What the user calls the file."""
    data: bytes
    encoding: str
    n_bom: int
    """Bytes of the byte-order mark."""
    cr_only: bool
    """True where lines end as on the first Macs: `text` has line feeds instead."""
    text: str
    """Without the byte-order mark."""

    def encoded(self, text: str) -> bytes:
        """Write another text as this one is written.

        Raises:
            InputError: a character has no place in the file's encoding, or would make it no text.

        """
        written = text.replace("\n", "\r") if self.cr_only else text
        try:
            data = self.data[: self.n_bom] + written.encode(self.encoding)
        except UnicodeEncodeError as error:
            what = f"{error.object[error.start]!r} cannot be written in {self.encoding}"
            raise InputError(self.name, what, "save the file as UTF-8 first") from None
        try:
            is_back = not data or read_text(data, self.name).text == text
        except InputError:
            is_back = False
        if "\0" in text or not is_back:
            raise InputError(self.name, "a text holds characters that make the file unreadable", "control characters?")
        return data


def read_text(data: bytes, name: str) -> FileText:
    """Read the bytes of a file as text.

    Raises:
        InputError: they are packed, or no text that could be written back as it was.

    """
    if data.startswith(_PARQUET):
        raise InputError(name, "is Parquet, which cannot be edited", "convert it to CSV or JSON lines, and name that")
    if data.startswith(_PACKED):
        raise InputError(name, "is compressed, and only plain files are edited", "unpack it, and name that")
    encoding, n_bom = sniff_encoding(data)
    try:
        if encoding == BINARY:
            raise UnicodeError
        text = data[n_bom:].decode(encoding)
        if text.encode(encoding) != data[n_bom:]:
            raise UnicodeError
    except UnicodeError:
        raise InputError(name, "is no text of one encoding", "save it as UTF-8 first") from None
    cr_only = "\r" in text and "\n" not in text
    return FileText(name, data, encoding, n_bom, cr_only, text.replace("\r", "\n") if cr_only else text)
