"""Pages about what leaders are asked, and the codes that hang in their buildings."""
