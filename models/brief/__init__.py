"""What a copywriter is told about one creative, and how its copy refers to it."""
