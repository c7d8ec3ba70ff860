"""What ads.artifact.v1 holds beside the catalogue and with it: each kind of record, and the reader of all."""
