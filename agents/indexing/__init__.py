"""The catalogue as it grows: records in, artefact versions out."""
