-- What a person has sent us, found by the number: for its erasure. Inbound messages are few beside those that leave.
CREATE INDEX inbound_by_sender ON inbound (sender, id);
CREATE INDEX inbound_parts_by_sender ON inbound_parts (sender);
