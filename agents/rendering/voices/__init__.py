"""Who speaks in clips: a speech engine that is installed on this machine."""
