"""Copy read by people who do not know who wrote it: blind sheets, and what the marks on them say."""
