"""For operators: why a creative was made, and what holds a campaign back, from what the topics still hold."""
