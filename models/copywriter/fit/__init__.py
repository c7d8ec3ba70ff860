"""Which of the lines a copywriter knows go with an item, and with each other."""
