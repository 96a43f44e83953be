-- Where an operator does badly, as each process says of it beside its binds: `operator list` and `route explain` show it.
ALTER TABLE operator_states ADD COLUMN ailing TEXT NOT NULL DEFAULT '[]';      -- JSON
