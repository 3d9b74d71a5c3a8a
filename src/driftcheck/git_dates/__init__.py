"""Git's dates: when the line on which a case starts was written, for eval sets that say nothing of their age.

Only what is committed is asked for (`git blame HEAD`), never the working copy, which git would read through filters
that a repository may configure: nothing of the repository is run, no text conversion, hook, pager or file system
monitor, and nothing is fetched. Lines that were changed since are found by comparing, and have no date.

A new column of a CSV gives every row an empty cell, which is no new row: there, empty cells at the end of a line do not
count, and a line to which a commit added nothing else has the date that it had before.
"""

from driftcheck.git_dates.records import GitDates, date_records

__all__ = ["GitDates", "date_records"]
