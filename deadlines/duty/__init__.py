"""The duty roster: who can stand when, what a sheet says, writing it, handing over."""
