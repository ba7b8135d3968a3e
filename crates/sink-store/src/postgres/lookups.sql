-- Rows of a tenant or a type by number, and the numbers of the rows of some times.
CREATE INDEX agent_events_tenant ON agent_events (tenant, seq);
CREATE INDEX agent_events_type ON agent_events (type, seq);
CREATE INDEX agent_events_time ON agent_events (time, seq);
DROP INDEX agent_events_tenant_time;
