"""What a campaign is for, read from the words of its brief where nobody says it."""
