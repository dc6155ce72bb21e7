-- By which a partner finds what is kept of a person under its own name of her: a keyed digest, gone with her data.
ALTER TABLE details ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE INDEX details_of_subject ON details (subject) WHERE subject <> '';

-- Who did what is written once.
CREATE FUNCTION audit_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the audit is never changed';
END $$;
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_never_changes();
