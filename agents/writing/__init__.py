"""The copywriter at work in the generator: its thread, its replacement, its drafts."""
