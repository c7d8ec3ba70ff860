"""What a reader without a group notices of its topics beside records: changes, and silence."""
