use sink_store::StoreUrl;

use super::Checks;
use crate::settings::row::Capability;
use crate::settings::{OnConnectFail, ServerUrl, Settings, SinkKind};

/// The broker and the database.
pub(super) fn check(settings: &Settings, checks: &mut Checks<'_>) {
    let nats = &settings.nats;
    check_requirement(settings, checks);
    check_login(settings, checks);
    if nats.url.is_some() && nats.context.is_some() {
        checks.refuse(
            ["CONSIGN_NATS_CONTEXT", "CONSIGN_NATS_URL"],
            "and CONSIGN_NATS_URL are both set; keep one",
        );
    }
    let web = |url: &ServerUrl| url.to_string().starts_with("ws");
    if nats.url.as_ref().is_some_and(|urls| urls.iter().any(web))
        && checks.lacks(Capability::WebSocket)
    {
        let words = Capability::WebSocket.words();
        let what = format!("needs {words}, which this build lacks; use nats:// or tls://");
        checks.refuse(["CONSIGN_NATS_URL"], what);
    }
    for (name, missing, alone) in [
        (
            "CONSIGN_NATS_CERT_FILE",
            "CONSIGN_NATS_KEY_FILE",
            nats.cert_file.is_some() && nats.key_file.is_none(),
        ),
        (
            "CONSIGN_NATS_KEY_FILE",
            "CONSIGN_NATS_CERT_FILE",
            nats.key_file.is_some() && nats.cert_file.is_none(),
        ),
    ] {
        if alone {
            checks.refuse(
                [name, missing],
                format!("is set without {missing}; set both or none"),
            );
        }
    }
    if nats.reconnect_wait > nats.reconnect_max_wait {
        checks.refuse(
            [
                "CONSIGN_NATS_RECONNECT_WAIT",
                "CONSIGN_NATS_RECONNECT_MAX_WAIT",
            ],
            "is longer than CONSIGN_NATS_RECONNECT_MAX_WAIT",
        );
    }
    if let Some(url) = &settings.store.url {
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if !known.iter().any(|scheme| url.expose().starts_with(scheme)) {
            checks.refuse(
                ["CONSIGN_STORE_URL"],
                "begins with neither sqlite: nor postgres://",
            );
        } else if url.expose().parse::<StoreUrl>().is_err() {
            checks.refuse(["CONSIGN_STORE_URL"], "is no address of a database");
        }
    }
}

fn check_requirement(settings: &Settings, checks: &mut Checks<'_>) {
    let nats = &settings.nats;
    if !nats.require_jetstream {
        return;
    }
    if settings.use_noop {
        checks.refuse(
            ["CONSIGN_REQUIRE_JETSTREAM", "CONSIGN_USE_NOOP"],
            "contradicts CONSIGN_USE_NOOP; keep one",
        );
    } else if !settings.sink_kinds().contains(&SinkKind::JetStream) {
        checks.refuse(
            [
                "CONSIGN_REQUIRE_JETSTREAM",
                "CONSIGN_SINK",
                "CONSIGN_NATS_URL",
            ],
            "is true, but no event goes to JetStream; set CONSIGN_NATS_URL",
        );
    }
    if nats.on_connect_fail == OnConnectFail::Noop {
        checks.refuse(
            ["CONSIGN_REQUIRE_JETSTREAM", "CONSIGN_ON_CONNECT_FAIL"],
            "contradicts CONSIGN_ON_CONNECT_FAIL=noop; keep one",
        );
    }
}

fn check_login(settings: &Settings, checks: &mut Checks<'_>) {
    let nats = &settings.nats;
    let in_url = nats
        .url
        .as_ref()
        .is_some_and(|urls| urls.iter().any(ServerUrl::has_credentials));
    let by_name = nats.user.is_some() || nats.password.is_some();
    let kinds: Vec<&'static str> = [
        ("CONSIGN_NATS_CREDS_FILE", nats.creds_file.is_some()),
        ("CONSIGN_NATS_NKEY_FILE", nats.nkey_file.is_some()),
        ("CONSIGN_NATS_TOKEN", nats.token.is_some()),
        ("CONSIGN_NATS_USER", by_name),
        ("CONSIGN_NATS_URL", in_url),
    ]
    .into_iter()
    .filter_map(|(name, set)| set.then_some(name))
    .collect();
    if let [first, others @ ..] = kinds.as_slice()
        && !others.is_empty()
    {
        let others = others.join(" and ");
        checks.refuse(
            [*first],
            format!("and {others} are both ways to log in; keep one"),
        );
    }
    match (&nats.user, &nats.password) {
        (Some(_), None) => checks.refuse(
            ["CONSIGN_NATS_USER", "CONSIGN_NATS_PASSWORD"],
            "is set without CONSIGN_NATS_PASSWORD",
        ),
        (None, Some(_)) => checks.refuse(
            ["CONSIGN_NATS_PASSWORD", "CONSIGN_NATS_USER"],
            "is set without CONSIGN_NATS_USER",
        ),
        (Some(_), Some(_)) | (None, None) => {}
    }
}
