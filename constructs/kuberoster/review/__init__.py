"""What access means: who may do what, and why."""
