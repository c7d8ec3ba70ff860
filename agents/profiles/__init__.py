"""The profile agent: batches of events, creatives and privacy requests, and the sweeps over its rows."""
