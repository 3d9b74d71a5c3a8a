"""The held-out partition: encrypted, committed by hash in the ledger, opened once for a release."""
