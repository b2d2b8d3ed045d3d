"""代表建议: the list, a new one, and one with its parts, answers, replies and the deputies' opinions."""
