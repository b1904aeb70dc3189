"""The database backend of the settings: Django's PostgreSQL, with a cheaper look at a kept connection."""
