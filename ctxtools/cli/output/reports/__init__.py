"""What each command reports, for people and for programs."""
