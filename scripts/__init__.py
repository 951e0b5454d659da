"""What developers and `make` run: set-up and generated pages."""
