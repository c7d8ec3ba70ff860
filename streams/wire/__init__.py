"""Bytes to typed records and back, and what becomes of bytes that are neither."""
