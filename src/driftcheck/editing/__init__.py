"""Edits of eval-set files that change only the lines concerned: order, comments, quotes and line ends stay.

`open_editable` finds the records of a file, `EditableFile.edited` returns an `Edit`, `write_all` writes several of them
as one step.
"""

from driftcheck.editing.container import Record
from driftcheck.editing.edit import Edit
from driftcheck.editing.editable import EditableFile, Location, locate, open_editable
from driftcheck.editing.new_files import new_file
from driftcheck.editing.writing import write_all

__all__ = ["Edit", "EditableFile", "Location", "Record", "locate", "new_file", "open_editable", "write_all"]
