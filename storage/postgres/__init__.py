"""The production store on PostgreSQL: many processes, one truth."""
