"""Commands about the broker and what stands on it: topics, messages, what was refused."""
