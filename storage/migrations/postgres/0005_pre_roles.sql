-- What a process does, as it has told: an account's rate is divided by those that take messages in, while Redis can't share
-- it. Of one that has not told (an earlier release) anything must be expected.
ALTER TABLE processes ADD COLUMN roles text[] NOT NULL DEFAULT '{api,sender,webhooks}';
