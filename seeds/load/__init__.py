"""Synthetic issues in large numbers, written by COPY as the services would have written them."""
