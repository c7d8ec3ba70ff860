"""What may be published: judged drafts, templates as the fallback, near copies."""
