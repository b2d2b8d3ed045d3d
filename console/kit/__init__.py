"""What several themes of the console use: who asks, rows of issues, choices, shapes for templates."""
