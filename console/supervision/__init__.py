"""What the supervisors do: the desk, and what each organisation owes."""
