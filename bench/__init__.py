"""The benchmark: ``make bench`` prints one JSON object per measure, one a line. See docs/performance.md."""
