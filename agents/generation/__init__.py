"""The pieces of agents.generate_creatives: planning a request, writing in a thread, publishing, shared
creatives, restart."""
