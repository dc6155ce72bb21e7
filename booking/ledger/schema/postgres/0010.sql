-- Those whose outcome is looked for are few, and are counted every few seconds (booking.Waiting).
CREATE INDEX appointments_in_doubt ON appointments (status) WHERE status IN ('en_cours', 'incertain', 'a_traiter', 'annulation');
