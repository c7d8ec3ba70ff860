"""A real order log as a stream: lines become conversions, and an audit proves that every penny arrived."""
