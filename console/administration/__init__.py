"""The rest of 管理: its home, the working calendar, emergency words, health."""
