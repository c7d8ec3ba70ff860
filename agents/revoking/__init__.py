"""What must be revoked: causes found in the reference data, and the records that say so."""
