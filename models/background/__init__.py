"""Backgrounds that a small flow-matching model makes: noise, the walk of Euler steps, and what its maps look
like in a brand's colours."""
