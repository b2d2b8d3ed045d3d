"""Writing entries: noting, correcting, making a matter of one; revealing and masking the persons in them."""
