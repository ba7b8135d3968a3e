CREATE TABLE agent_events (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id text NOT NULL UNIQUE,
    tenant     text NOT NULL,
    source     text NOT NULL,
    id         text NOT NULL,
    type       text NOT NULL,
    subject    text,
    time       timestamptz,
    component  text,
    category   text,
    resource   text,
    action     text,
    outcome    text,
    severity   text,
    task       text,
    mission    text,
    objective  text,
    detail     text,
    attrs      json,
    wire       text NOT NULL
);
CREATE INDEX agent_events_tenant_time ON agent_events (tenant, time);
CREATE VIEW agent_events_flat AS
SELECT seq, tenant, id, time, coalesce(component || '.' || action, type) AS event,
       severity, task, mission, objective, detail
FROM agent_events;
