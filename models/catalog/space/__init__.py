"""The space in which items lie: vectors of their texts and of who chooses them."""
