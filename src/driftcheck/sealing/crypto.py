"""Encryption of a seal: AES-256-GCM, by the library `cryptography`.

GCM and not Fernet: what is open in the file (hashes, counts) is authenticated together with what is closed, and Fernet
has no such associated data. AES and not ChaCha20, which is as good: where FIPS mode is on, OpenSSL has no ChaCha20. The
key of a file is derived from the key and the file's own salt (HKDF), so that random nonces never meet under one key.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from driftcheck.errors import InputError
from driftcheck.seal_file import Envelope, make_envelope
from driftcheck.sealing.key import Key
from driftcheck.seals import Marks

_NONCE_BYTES = 12
_BLOCK = 4096
"""Contents are padded to a multiple of this: the length of the file tells little of that of the cases."""


def encrypt(contents: bytes, marks: Marks, key: Key) -> Envelope:
    """Close contents, JSON text, together with what stays open."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    padded = contents + b" " * (-len(contents) % _BLOCK)
    header = make_envelope(key.token, marks, nonce).header
    return make_envelope(key.token, marks, nonce, _cipher(key, marks.salt).encrypt(nonce, padded, header))


def decrypt(envelope: Envelope, key: Key, name: str) -> bytes:
    """Open what `encrypt` closed.

    Raises:
        InputError: it was closed with another key, or altered.

    """
    if envelope.key != key.token:
        raise InputError(name, f"was sealed with key {envelope.key[:8]}, and this is key {key.token[:8]}")
    try:
        salt, nonce = bytes.fromhex(envelope.salt), bytes.fromhex(envelope.nonce)
        return _cipher(key, salt).decrypt(nonce, envelope.ciphertext, envelope.header)
    except (InvalidTag, ValueError):
        raise InputError(name, "was altered: it does not open with its key", "restore it by git") from None


def _cipher(key: Key, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, b"driftcheck seal: contents").derive(key.secret))
