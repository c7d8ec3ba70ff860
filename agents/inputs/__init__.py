"""The watch over what comes in, for the catalogue worker, the page and `shiftcast check`."""
