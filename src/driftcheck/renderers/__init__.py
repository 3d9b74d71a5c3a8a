"""Every output, one module each; a file that `audit` writes is one line of `formats.FORMATS`."""
