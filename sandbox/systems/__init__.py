"""The web systems of the province: one function per system that makes its application."""
