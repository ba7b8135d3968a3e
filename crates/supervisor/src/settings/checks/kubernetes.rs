use super::Checks;
use crate::settings::{KubernetesApi, KubernetesEvents, Profile, Settings, SinkKind};

/// Whether Kubernetes can be told of events where it has to be.
pub(super) fn check(settings: &Settings, checks: &mut Checks<'_>) {
    let kubernetes = &settings.kubernetes;
    if kubernetes.events != KubernetesEvents::On {
        return;
    }
    if settings.profile == Profile::Airgapped {
        let what = "is on; profile airgapped keeps the journal alone";
        checks.refuse([EVENTS, "CONSIGN_PROFILE"], what);
    }
    if settings.sink_kinds() == [SinkKind::Noop] {
        let what = "is on, but events are forgotten: noop stands alone";
        checks.refuse([EVENTS, "CONSIGN_SINK", "CONSIGN_USE_NOOP"], what);
    }
    if kubernetes.api.is_none() {
        let what = "is on, but this is no pod of a cluster; set CONSIGN_K8S_API";
        checks.refuse([EVENTS, "CONSIGN_K8S_API"], what);
    }
    if kubernetes.pod.is_none() {
        let what = "is on, but no pod is named; set CONSIGN_K8S_POD";
        checks.refuse([EVENTS, "CONSIGN_K8S_POD"], what);
    }
    if matches!(kubernetes.api, Some(KubernetesApi::At(_))) && kubernetes.namespace.is_none() {
        let what = "names another server than the pod's own; set CONSIGN_K8S_NAMESPACE too";
        checks.refuse(["CONSIGN_K8S_API", "CONSIGN_K8S_NAMESPACE"], what);
    }
}

const EVENTS: &str = "CONSIGN_K8S_EVENTS";
