"""Words of a picture: their fonts, their lines, their size and place."""
