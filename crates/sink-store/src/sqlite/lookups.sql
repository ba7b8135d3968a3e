-- Rows of a tenant or a type by number, which every index holds, and the numbers of the rows of some
-- times.
CREATE INDEX agent_events_tenant ON agent_events (tenant);
CREATE INDEX agent_events_type ON agent_events (type);
CREATE INDEX agent_events_time ON agent_events (time);
DROP INDEX agent_events_tenant_time;
