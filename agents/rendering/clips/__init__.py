"""How a clip is made: when no picture waits, in a process of its own that may take only so long."""
