"""What an installation can be filled with: the demonstration and synthetic load. Not in production."""
