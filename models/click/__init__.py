"""How likely a showing earns a click, and a click a conversion: hashed crosses, learnt online."""
