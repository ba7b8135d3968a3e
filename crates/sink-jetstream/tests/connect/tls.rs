use std::fs;
use std::path::PathBuf;

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use sink_jetstream::{ConnectError, ConnectOptions, FailureClass, Tls, TlsMode, connect};
use sink_testkit::nats::NatsServer;
use tempfile::TempDir;

use super::support::{connected, failure, options, reconfigure, server, url, wait_for};

/// A CA with a directory for what it signs.
pub(crate) struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, as files.
pub(crate) struct Pair {
    cert: PathBuf,
    key: PathBuf,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        let issuer = Issuer::new(params, key);
        Self { folder, issuer }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    pub(crate) fn sign(&self, name: &str) -> Pair {
        self.sign_with(name, |_| {})
    }

    fn sign_with(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Pair {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let pair = Pair {
            cert: self.folder.path().join(format!("{name}.cert.pem")),
            key: self.folder.path().join(format!("{name}.key.pem")),
        };
        fs::write(&pair.cert, certificate.pem()).unwrap();
        fs::write(&pair.key, key.serialize_pem()).unwrap();
        pair
    }

    /// A server with a certificate of this CA for `127.0.0.1`.
    pub(crate) async fn server(&self, more: &str) -> Option<NatsServer> {
        self.server_with(&self.sign("127.0.0.1"), more).await
    }

    async fn server_with(&self, pair: &Pair, more: &str) -> Option<NatsServer> {
        let (cert, key, ca) = (pair.cert.display(), pair.key.display(), self.file());
        let ca = ca.display();
        let tls = format!("cert_file: {cert:?}, key_file: {key:?}, ca_file: {ca:?}, {more}");
        // It starts without, since only `nats://` is waited for when a server starts.
        let server = server("").await?;
        reconfigure(&server, &format!("tls {{ {tls} }}")).await;
        Some(server)
    }

    /// Trust in this CA.
    pub(crate) fn trusted(&self, mode: TlsMode) -> Tls {
        Tls {
            mode,
            ca_file: Some(self.file()),
            ..Tls::default()
        }
    }
}

async fn refused(options: ConnectOptions, words: &str) {
    let failure = failure(&options).await;
    assert_eq!(failure.class, FailureClass::Tls, "{failure}");
    assert!(failure.words.contains(words), "{failure}");
}

fn with(server: &NatsServer, tls: Tls) -> ConnectOptions {
    ConnectOptions {
        tls,
        ..options(&[&server.url()])
    }
}

#[tokio::test]
async fn a_private_ca_is_trusted_where_it_is_named_and_no_other() {
    let ours = Authority::new();
    let Some(server) = ours.server("").await else {
        return;
    };
    for mode in [TlsMode::Auto, TlsMode::Required] {
        connected(&with(&server, ours.trusted(mode))).await;
    }
    let unknown = "comes from a CA that is not trusted";
    // Without a name the machine's own are asked, and the server asks for TLS by itself.
    refused(with(&server, Tls::default()), unknown).await;
    let theirs = Authority::new();
    refused(with(&server, theirs.trusted(TlsMode::Auto)), unknown).await;
    let never = Tls {
        mode: TlsMode::Never,
        ..Tls::default()
    };
    refused(with(&server, never), "requires TLS, which is turned off").await;
}

#[tokio::test]
async fn fb20_another_name_and_another_time_are_refused() {
    let ours = Authority::new();
    let other = ours.sign("nats.example");
    let Some(server) = ours.server_with(&other, "").await else {
        return;
    };
    let tls = ours.trusted(TlsMode::Auto);
    refused(with(&server, tls.clone()), "is for another name").await;
    let past = ours.sign_with("127.0.0.1", |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let server = ours.server_with(&past, "").await.unwrap();
    refused(with(&server, tls), "certificate has expired").await;
}

#[tokio::test]
async fn fb20_a_server_without_tls_is_refused_where_tls_is_asked_for() {
    let ours = Authority::new();
    let Some(server) = server("").await else {
        return;
    };
    for mode in [TlsMode::Auto, TlsMode::Required, TlsMode::First] {
        refused(with(&server, ours.trusted(mode)), "without TLS").await;
    }
    let by_url = ConnectOptions {
        tls: ours.trusted(TlsMode::Auto),
        ..options(&[&url(&server, "tls", "127.0.0.1")])
    };
    refused(by_url, "without TLS").await;
    // One URL that asks for TLS asks for it everywhere: servers tell of each other without it.
    let mut mixed = options(&[&server.url(), &url(&server, "tls", "127.0.0.1")]);
    mixed.max_reconnects = Some(4);
    let mut connection = connect(&mixed).await.unwrap();
    let state = wait_for(&mut connection, |state| state.closed).await;
    assert_eq!(state.generation, 0, "{state:?}");
    let in_the_open = Tls {
        mode: TlsMode::Never,
        ..Tls::default()
    };
    connected(&with(&server, in_the_open)).await;
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_a_server_that_wants_one() {
    let ours = Authority::new();
    let Some(server) = ours.server("verify: true").await else {
        return;
    };
    let client = ours.sign("client");
    let bare = ours.trusted(TlsMode::Auto);
    refused(with(&server, bare.clone()), "asks for a client certificate").await;
    let whole = Tls {
        cert_file: Some(client.cert.clone()),
        key_file: Some(client.key.clone()),
        ..bare
    };
    connected(&with(&server, whole.clone())).await;
    let stranger = Authority::new().sign("client");
    for (change, part) in [
        (
            Tls {
                key_file: None,
                ..whole.clone()
            },
            "has no key",
        ),
        (
            Tls {
                cert_file: None,
                ..whole.clone()
            },
            "has no certificate",
        ),
        (
            Tls {
                key_file: Some(ours.sign("other").key),
                ..whole.clone()
            },
            "does not belong to",
        ),
        (
            Tls {
                key_file: Some(client.cert.clone()),
                ..whole.clone()
            },
            "holds no private key",
        ),
        (
            Tls {
                ca_file: Some(client.key.clone()),
                ..whole.clone()
            },
            "holds no certificate",
        ),
        (
            Tls {
                mode: TlsMode::Never,
                ..whole.clone()
            },
            "turned off",
        ),
        (
            Tls {
                ca_file: Some(stranger.key),
                ..whole
            },
            "read the CA file",
        ),
    ] {
        let error = connect(&with(&server, change)).await.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_client_certificate_is_renewed_while_the_client_runs() {
    let ours = Authority::new();
    let Some(server) = ours.server("verify: true").await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert"), folder.path().join("key"));
    let install = |pair: &Pair| {
        fs::copy(&pair.cert, &cert).unwrap();
        fs::copy(&pair.key, &key).unwrap();
    };
    let past = ours.sign_with("past", |params| {
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    install(&past);
    let tls = Tls {
        cert_file: Some(cert.clone()),
        key_file: Some(key.clone()),
        ..ours.trusted(TlsMode::Auto)
    };
    let mut connection = connect(&with(&server, tls)).await.unwrap();
    let state = wait_for(&mut connection, |state| state.last_error.is_some()).await;
    let failure = state.last_error.unwrap();
    assert_eq!(failure.class, FailureClass::Tls, "{failure}");
    install(&ours.sign("now"));
    wait_for(&mut connection, |state| state.connected).await;
}

#[tokio::test]
async fn tls_first_shakes_hands_before_the_greeting() {
    let ours = Authority::new();
    let Some(server) = ours.server("handshake_first: true").await else {
        return;
    };
    connected(&with(&server, ours.trusted(TlsMode::First))).await;
    // Whoever waits for the greeting waits in vain.
    let mut polite = with(&server, ours.trusted(TlsMode::Required));
    polite.connect_timeout = std::time::Duration::from_millis(300);
    let failure = failure(&polite).await;
    assert!(
        failure.words.contains("did not answer in time"),
        "{failure}"
    );
}

#[tokio::test]
async fn tls_turned_off_contradicts_a_url_that_asks_for_it() {
    let mut options = options(&["nats://a:1", "tls://b:2"]);
    options.tls.mode = TlsMode::Never;
    let error = connect(&options).await.unwrap_err();
    assert!(matches!(error, ConnectError::Tls { .. }), "{error}");
}
