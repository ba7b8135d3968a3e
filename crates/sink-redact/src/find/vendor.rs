//! The vendors' secrets, each by the prefix, alphabet and length that its vendor documents.
//!
//! Lengths are lower bounds wherever the prefix is telling: vendors lengthen their tokens, and a
//! token that is one digit longer is a secret all the same.

use super::rule::{Rule, Start};

/// Every rule of a vendor whose secrets show by a text of three bytes or more.
pub(crate) const VENDORS: &[Rule] = &[
    // Source hosting
    Rule::new(
        "github-fine-grained-pat",
        &["github_pat_"],
        "github_pat_[0-9A-Za-z_]{40,}",
    ),
    Rule::new("github-pat", &["ghp_"], "ghp_[0-9A-Za-z_]{36,}"),
    Rule::new("github-oauth", &["gho_"], "gho_[0-9A-Za-z_]{36,}"),
    Rule::new(
        "github-app-token",
        &["ghu_", "ghs_"],
        "gh[us]_[0-9A-Za-z_.-]{36,}",
    ),
    Rule::new("github-refresh-token", &["ghr_"], "ghr_[0-9A-Za-z_]{36,}"),
    Rule::new("gitlab-pat", &["glpat-"], "glpat-[0-9A-Za-z_.-]{20,}"),
    Rule::new(
        "gitlab-cicd-job-token",
        &["glcbt-"],
        "glcbt-[0-9A-Za-z_.-]{20,}",
    ),
    Rule::new(
        "gitlab-runner-authentication-token",
        &["glrt-", "glrtr-"],
        "glrtr?-[0-9A-Za-z_.-]{20,}",
    ),
    Rule::new(
        "gitlab-token",
        &[
            "gldt-",
            "glptt-",
            "glsoat-",
            "glft-",
            "glagent-",
            "glimt-",
            "glffct-",
            "GR1348941",
        ],
        "(?:gl(?:dt|ptt|soat|ft|agent|imt|ffct)-|GR1348941)[0-9A-Za-z_.=-]{20,}",
    ),
    // Clouds
    Rule::new("gcp-api-key", &["AIza"], "AIza[0-9A-Za-z_-]{35}").word(),
    Rule::new(
        "gcp-oauth-client-secret",
        &["GOCSPX-"],
        "GOCSPX-[0-9A-Za-z_-]{20,}",
    ),
    Rule::new(
        "gcp-oauth-access-token",
        &["ya29."],
        r"ya29\.[0-9A-Za-z_-]{20,}",
    )
    .word(),
    Rule::new(
        "azure-ad-client-secret",
        &["Q~"],
        r"[0-9A-Za-z_~.]{3}[0-9]Q~[0-9A-Za-z_~.-]{31,34}",
    )
    .starting(Start::Before(4))
    .apart(),
    Rule::new(
        "digitalocean-pat",
        &["dop_v1_", "doo_v1_", "dor_v1_"],
        "do[opr]_v1_[0-9a-f]{64}",
    ),
    Rule::new(
        "presigned-url",
        &[
            "-Signature=",
            "&Signature=",
            "?Signature=",
            "?sig=",
            "&sig=",
        ],
        "[?&-][Ss]ig(?:nature)?=([0-9A-Za-z%+/=_-]{40,})",
    ),
    // Secret stores and infrastructure
    Rule::new(
        "vault-service-token",
        &["hvs.", "hvb.", "hvr."],
        r"hv[sbr]\.[0-9A-Za-z_-]{24,}",
    )
    .word(),
    Rule::new(
        "hashicorp-tf-api-token",
        &[".atlasv1."],
        r"[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z=_-]{60,}",
    )
    .starting(Start::Before(14)),
    Rule::new(
        "doppler-api-token",
        &[
            "dp.pt.",
            "dp.st.",
            "dp.ct.",
            "dp.sa.",
            "dp.scim.",
            "dp.audit.",
        ],
        r"dp\.(?:pt|st|ct|sa|scim|audit)\.[0-9A-Za-z_.-]{40,}",
    )
    .word(),
    Rule::new(
        "databricks-api-token",
        &["dapi"],
        "dapi[0-9a-f]{32}(?:-[0-9]+)?",
    )
    .word(),
    Rule::new(
        "dynatrace-api-token",
        &["dt0c01.", "dt0s0"],
        r"dt0[a-z][0-9]{2}\.[0-9A-Za-z]{8,24}\.[0-9A-Za-z]{64}",
    ),
    Rule::new(
        "1password-service-account-token",
        &["ops_eyJ"],
        "ops_eyJ[0-9A-Za-z+/=_-]{200,}",
    ),
    Rule::new(
        "age-secret-key",
        &["AGE-SECRET-KEY-1"],
        "AGE-SECRET-KEY-1[0-9A-Z]{58}",
    )
    .entropy(0.0),
    Rule::new(
        "tailscale-key",
        &["tskey-"],
        "tskey-[a-z]+-[0-9A-Za-z]{6,}-[0-9A-Za-z]{20,}",
    ),
    Rule::new(
        "docker-pat",
        &["dckr_pat_", "dckr_oat_"],
        "dckr_[po]at_[0-9A-Za-z_-]{20,}",
    ),
    // Observation
    Rule::new(
        "grafana-service-account-token",
        &["glsa_"],
        "glsa_[0-9A-Za-z]{32}_[0-9A-Fa-f]{8}",
    ),
    Rule::new(
        "grafana-cloud-api-token",
        &["glc_"],
        "glc_[0-9A-Za-z+/]{32,}={0,3}",
    )
    .word(),
    Rule::new("sentry-user-token", &["sntryu_"], "sntryu_[0-9a-f]{64}"),
    Rule::new(
        "sentry-org-token",
        &["sntrys_"],
        "sntrys_[0-9A-Za-z+/=_-]{80,}",
    ),
    // Messages and payments
    Rule::new("slack-bot-token", &["xoxb-"], "xoxb-[0-9A-Za-z-]{20,}"),
    Rule::new(
        "slack-user-token",
        &[
            "xoxp-", "xoxe-", "xoxe.", "xoxa-", "xoxr-", "xoxs-", "xoxo-", "xoxc-", "xoxd-",
        ],
        "xox[acdeoprs][.-][0-9A-Za-z.%-]{20,}",
    ),
    Rule::new(
        "slack-app-token",
        &["xapp-"],
        "xapp-[0-9]-[0-9A-Za-z-]{20,}",
    ),
    Rule::new(
        "slack-webhook-url",
        &["hooks.slack.com/"],
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([0-9A-Za-z+/]{40,})",
    ),
    Rule::new(
        "stripe-access-token",
        &[
            "sk_test_", "sk_live_", "sk_prod_", "rk_test_", "rk_live_", "rk_prod_",
        ],
        "[sr]k_(?:test|live|prod)_[0-9A-Za-z]{12,}",
    )
    .word(),
    Rule::new(
        "stripe-webhook-secret",
        &["whsec_"],
        "whsec_[0-9A-Za-z+/=]{32,}",
    )
    .word(),
    Rule::new(
        "shopify-token",
        &["shpat_", "shpca_", "shppa_", "shpss_"],
        "shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}",
    ),
    // Models
    Rule::new(
        "openai-api-key",
        &["T3BlbkFJ"],
        "sk-[0-9A-Za-z]{20}T3BlbkFJ[0-9A-Za-z]{20,}",
    )
    .starting(Start::Before(23)),
    Rule::new(
        "openai-api-key",
        &["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"],
        "sk-(?:proj|svcacct|admin|None)-[0-9A-Za-z_-]{40,}",
    ),
    Rule::new(
        "anthropic-admin-api-key",
        &["sk-ant-admin"],
        "sk-ant-admin[0-9]{2}-[0-9A-Za-z_-]{40,}",
    ),
    Rule::new(
        "anthropic-api-key",
        &["sk-ant-"],
        "sk-ant-(?:api|oat|ort|sid)[0-9]{2}-[0-9A-Za-z_-]{40,}",
    ),
    Rule::new(
        "huggingface-access-token",
        &["hf_", "api_org_"],
        "(?:hf|api_org)_[0-9A-Za-z]{34}",
    )
    .word(),
    // Package registries
    Rule::new("npm-access-token", &["npm_"], "npm_[0-9A-Za-z]{36}").word(),
    Rule::new(
        "pypi-upload-token",
        &["pypi-AgE"],
        "pypi-AgE[0-9A-Za-z_-]{50,}",
    ),
    Rule::new(
        "rubygems-api-token",
        &["rubygems_"],
        "rubygems_[0-9a-f]{48}",
    ),
    // Structures
    Rule::new(
        "private-key",
        &["-----BEGIN"],
        concat!(
            r"-----BEGIN [0-9A-Z ]{0,40}(?:PRIVATE KEY(?: BLOCK)?|NKEY SEED|USER JWT)-{5,6}",
            r"(?:\s|\\[nrt])*(?:[0-9A-Za-z-]+: [^\n\\]*(?:\s|\\[nr])+)*",
            r"[0-9A-Za-z+/=_.]{16,}(?:[^-]|-[^-])*(?:-{5,6}END [0-9A-Z ]{0,60}-{5,6})?",
        ),
    ),
    Rule::new(
        "putty-private-key",
        &["Private-Lines:"],
        r"Private-Lines: [0-9]+\s+([0-9A-Za-z+/=\s]{40,})",
    ),
    Rule::new(
        "signed-note-key",
        &["PRIVATE+KEY+"],
        r"PRIVATE\+KEY\+[^\s+]+\+[0-9a-f]{8}\+[0-9A-Za-z+/=]{40,}",
    ),
    Rule::new(
        "jwt",
        &[".ey"],
        r"ey[0-9A-Za-z_-]{18,}\.ey[0-9A-Za-z_/+\\-]{10,}(?:\.[0-9A-Za-z_/+=\\-]*)?",
    )
    .starting(Start::Header),
    Rule::new(
        "jwe",
        &["eyJhbGciOi"],
        r"eyJhbGciOi[0-9A-Za-z_-]{10,}(?:\.[0-9A-Za-z_-]*){4}",
    ),
];
