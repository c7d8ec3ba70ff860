"""Record batches of Kafka's format 2: read in one pass, written from columns."""
