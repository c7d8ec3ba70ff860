"""One lane: the rows of one partition in memory and on disk, and the order in which they become durable."""
