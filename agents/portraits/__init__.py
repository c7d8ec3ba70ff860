"""Portraits of groups of users, fitted on the log."""
