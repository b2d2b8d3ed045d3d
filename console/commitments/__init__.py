"""承诺台账: what was promised, by whom, until when, and what becomes of it."""
