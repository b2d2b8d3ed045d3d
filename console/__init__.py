"""The console's pages: who asks, what they may see, and values ready to print."""
