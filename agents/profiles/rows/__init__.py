"""What the profile agent keeps beside the profile: rows `m`, `r`, `a` and `t`, and what is told of them."""
