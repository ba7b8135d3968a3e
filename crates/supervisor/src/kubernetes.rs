use std::fs;
use std::path::Path;

use sink_k8s::{Config, K8sSink, Regarding, Selection};
use tracing::warn;

use crate::exit::{Exit, Failure};
use crate::settings::{KubernetesApi, KubernetesEvents, SERVICE_ACCOUNT, Settings};

/// Opens the way to Kubernetes. Where nobody asked for it, a pod that cannot use it goes on without.
///
/// # Errors
/// [`Exit::Config`] where it has to be there and no pod, or no server, can be made of the settings.
/// That the API server is away is none.
pub(crate) fn open(settings: &Settings) -> Result<Option<K8sSink>, Failure> {
    match told(settings) {
        Ok(sink) => Ok(Some(sink)),
        Err(failure) if settings.kubernetes.events == KubernetesEvents::Auto => {
            warn!(%failure, "Kubernetes is told of no event: CONSIGN_K8S_EVENTS is auto");
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

fn told(settings: &Settings) -> Result<K8sSink, Failure> {
    let kubernetes = &settings.kubernetes;
    let config = Config {
        selection: Selection {
            min_severity: kubernetes.min_severity,
            ..Selection::default()
        },
        rate: kubernetes.rate,
        ..Config::new(pod(settings)?)
    };
    let sink = match &kubernetes.api {
        Some(KubernetesApi::At(url)) => K8sSink::at(url, config),
        Some(KubernetesApi::Cluster) | None => K8sSink::in_cluster(config),
    };
    sink.map_err(|error| {
        let failure = Failure::new(Exit::Config, "use the cluster's API").because(error);
        failure.try_next("CONSIGN_K8S_EVENTS=off, or look at the pod's service account")
    })
}

/// The pod that Events are about.
fn pod(settings: &Settings) -> Result<Regarding, Failure> {
    let kubernetes = &settings.kubernetes;
    let unnamed = |what: &str| {
        Failure::new(Exit::Config, "find the pod that Kubernetes is told of")
            .because(what.to_owned())
            .try_next("pass metadata.namespace, .name and .uid by the downward API as POD_NAMESPACE, POD_NAME and POD_UID")
    };
    let namespace = match &kubernetes.namespace {
        Some(namespace) => namespace.clone(),
        None => fs::read_to_string(Path::new(SERVICE_ACCOUNT).join("namespace"))
            .map_err(|_| unnamed("its namespace is not known"))?,
    };
    let name = kubernetes.pod.as_deref();
    let name = name.ok_or_else(|| unnamed("its name is not known"))?;
    let uid = kubernetes.pod_uid.as_deref();
    Regarding::pod(namespace.trim(), name, uid).map_err(|error| unnamed(&error.to_string()))
}
