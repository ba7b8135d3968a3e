CREATE TABLE agent_events (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    tenant     TEXT NOT NULL,
    source     TEXT NOT NULL,
    id         TEXT NOT NULL,
    type       TEXT NOT NULL,
    subject    TEXT,
    time       TEXT,
    component  TEXT,
    category   TEXT,
    resource   TEXT,
    action     TEXT,
    outcome    TEXT,
    severity   TEXT,
    task       TEXT,
    mission    TEXT,
    objective  TEXT,
    detail     TEXT,
    attrs      TEXT,
    wire       TEXT NOT NULL
);
CREATE INDEX agent_events_tenant_time ON agent_events (tenant, time);
CREATE VIEW agent_events_flat AS
SELECT seq, tenant, id, time, coalesce(component || '.' || action, type) AS event,
       severity, task, mission, objective, detail
FROM agent_events;
