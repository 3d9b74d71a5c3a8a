"""Where the records of an eval set keep the values of declared slices: as for input and answer, they are asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from driftcheck.editing.case_files import CaseFile
from driftcheck.editing.fields import CSV_PREFIX
from driftcheck.editing.record_paths import Path, leaves, text_of


def slice_places(file: CaseFile, names: Sequence[str]) -> Mapping[str, Path]:
    """Paths of declared slices that records of a file have, by name; a language stands where the layout puts it."""
    places = {}
    for name in names:
        if name == "language":
            continue
        votes: Counter[Path] = Counter()
        for number, case in file.cases:
            told = case.tags.get(name)
            for path, value in leaves(file.file.records[number].value) if told else ():
                # a value may stand elsewhere as well, but there it goes by another name
                if str(path[-1]).removeprefix(CSV_PREFIX) == name and text_of(value) == told:
                    votes[path] += 1
        if votes:
            places[name] = votes.most_common(1)[0][0]
    return places
