"""The demonstration: Guicheng's places and organisations as press reports name them, with invented people."""
