"""What is valid in checks.yaml and will hurt: names that break, goals that prove nothing, impolite checks."""
