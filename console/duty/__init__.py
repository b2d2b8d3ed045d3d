"""The duty roster: plan, form, import, hand-over note."""
