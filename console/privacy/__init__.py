"""Personal information: requests about one's own data, the register of processing, incidents."""
