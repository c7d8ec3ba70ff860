"""What a sentence means, learnt from written examples: whether it says what an advertisement may not."""
