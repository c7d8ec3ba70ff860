"""How high the trigger's bar stands: for a wanted rate of false triggers, or a wanted share of requests."""
