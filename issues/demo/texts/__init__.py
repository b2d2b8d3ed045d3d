"""The words of the demonstration: patterns by category, hand-written scenes, notes. See ``issues.demo.words``."""
