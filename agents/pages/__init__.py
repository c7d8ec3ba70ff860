"""The page's files: no template engine, no outside resource; the script writes text nodes only, so nothing it
shows can become markup."""
