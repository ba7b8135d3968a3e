-- Rows are committed in the order of their numbers, by however many sessions: whoever inserts waits,
-- before it is given numbers, until those before have committed or failed. The lock is let go of only
-- after the rows can be seen. Without it a reader that is past a number could miss a lower one.
CREATE FUNCTION agent_events_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1668247155, TG_RELID::int4);
    RETURN NULL;
END $$;
CREATE TRIGGER agent_events_in_order BEFORE INSERT ON agent_events
FOR EACH STATEMENT EXECUTE FUNCTION agent_events_in_order();
