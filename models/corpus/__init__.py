"""What training and evaluation share: made-up briefs and the copy a good writer would point out for them."""
