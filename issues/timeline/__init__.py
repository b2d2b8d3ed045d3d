"""The journal of one issue as people read it: entries of a day, and what codes and ids of an event say."""
