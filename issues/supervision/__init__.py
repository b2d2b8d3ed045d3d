"""What supervision sees: what is red, where it sits, what organisations owe."""
