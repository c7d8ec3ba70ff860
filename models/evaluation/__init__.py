"""How good a copywriter is: facts, limits, policy, variety and closeness to references, measured on items
nobody trained on."""
