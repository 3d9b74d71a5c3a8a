"""What must be remembered between audits: a chain of lines, each vouching for the one before, in a folder under git."""

from driftcheck.ledger.entries import AuditEntry, LatestRun, UsedModel
from driftcheck.ledger.fingerprints import hash_inputs
from driftcheck.ledger.memory import Memory
from driftcheck.ledger.recording import make_entry
from driftcheck.ledger.store import Ledger, Recorded, append, open_ledger

__all__ = [
    "AuditEntry",
    "LatestRun",
    "Ledger",
    "Memory",
    "Recorded",
    "UsedModel",
    "append",
    "hash_inputs",
    "make_entry",
    "open_ledger",
]
