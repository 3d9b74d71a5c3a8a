"""The parts of what is seen on the terminal, one file each: the page they are printed on, then the blocks in order."""
