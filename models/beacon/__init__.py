"""What a tracker of ours says when it is called, sealed so that nobody else can say it or read it."""
