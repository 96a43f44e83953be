-- Which carrier each process means by an operator's name, as a digest: two deployments on one database are told of.
ALTER TABLE operator_states ADD COLUMN carrier_digest TEXT NOT NULL DEFAULT '';
