"""What reads the log of exposures: experiments and policies are judged by it."""
