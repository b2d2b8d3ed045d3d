"""Sentences and words made of codes and times: no row is read for them but the one at hand."""
