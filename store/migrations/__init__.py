"""Alembic's folder: how the schema came to be, step by step. `open_store` applies what is missing."""
