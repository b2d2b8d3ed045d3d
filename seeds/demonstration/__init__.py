"""The demonstration's historic records and its recent issues, which travel through issues.services like any other."""
