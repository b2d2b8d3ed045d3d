"""What pages and the API read of issues: lists and counts, finding by what people type, files, who works on it now."""
