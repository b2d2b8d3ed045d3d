"""What a clone runs on: embedded servers, the supervisor of `make run`, set-up. No image holds it."""
