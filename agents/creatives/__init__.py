"""A creative, from the request or shelf that wants it to the records that say what it is. Pure."""
