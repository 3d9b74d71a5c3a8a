"""Edits of an eval set by people: reviewed proposals in, worn cases out, cases renewed, exceptions made."""
