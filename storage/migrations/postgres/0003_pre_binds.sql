-- Binds are spread over the processes that send. A bind is its owner's until that gives it back or is ended: how long a
-- process holds what it holds is told by the lease of the process alone.
ALTER TABLE processes ADD COLUMN sends boolean NOT NULL DEFAULT false;
ALTER TABLE bind_leases DROP COLUMN lease_until;
