use crate::settings::row::Row;
use crate::settings::section::section;
use crate::settings::values::{ExtensionNames, Secret, Token, words};

section! {
    "Signing";
    /// How events are signed.
    pub struct Sign {
        /// The algorithm; without a key, one is made once under the data directory.
        pub mode: SignMode = Row::new("CONSIGN_SIGN")
            .default("ed25519")
            .legacy(&["CELLOS_EVENT_SIGNING"]);
        /// The private key: PKCS#8 PEM, or 32 bytes in base64.
        pub key: Option<Secret> = Row::new("CONSIGN_SIGN_KEY")
            .default_note("made once in $CONSIGN_DATA_DIR/keys")
            .legacy(&["CELLOS_EVENT_SIGNING_KEY_BASE64"]);
        /// The name of the key in signatures.
        pub keyid: Option<Token> = Row::new("CONSIGN_SIGN_KEYID")
            .default_note("the key's RFC 7638 thumbprint")
            .legacy(&["CELLOS_EVENT_SIGNING_KID"]);
        /// The extension attributes to sign.
        pub extensions: Option<ExtensionNames> = Row::new("CONSIGN_SIGN_EXTENSIONS")
            .default_note("every String extension but traceparent and tracestate");
    }
}

words! {
    /// How events are signed.
    pub enum SignMode {
        /// Not at all.
        Off = "off",
        /// With Ed25519.
        Ed25519 = "ed25519",
    }
}
