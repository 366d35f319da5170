"""The fictitious region that ships with the project, made by a seeded script."""
