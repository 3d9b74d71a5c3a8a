"""Two runs compared for `driftcheck compare`.

From what the command line names to runs (`finding`), their cases by slice (`slices`), what production complains of
while no case of it newly fails (`blindness`), and the whole (`comparing`).
"""
