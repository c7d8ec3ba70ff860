"""Commands that send events: simulated users, a real order log, the whole loop."""
