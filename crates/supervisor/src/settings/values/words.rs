/// Declares an enumeration whose values are words, written as they are in the settings.
macro_rules! words {
    (
        $(#[$about:meta])+
        pub enum $Name:ident {
            $( $(#[$doc:meta])+ $Variant:ident = $word:literal, )+
        }
    ) => {
        $(#[$about])+
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum $Name {
            $( $(#[$doc])+ $Variant, )+
        }

        impl $Name {
            /// The word for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$Variant => $word, )+
                }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::settings::values::Value for $Name {
            const FORM: $crate::settings::values::Form =
                $crate::settings::values::Form::Words(&[ $( $word, )+ ]);

            fn parse(
                given: &$crate::settings::values::Given<'_>,
            ) -> Result<Self, $crate::settings::values::Wrong> {
                [ $( Self::$Variant, )+ ]
                    .into_iter()
                    .find(|value| value.as_str().eq_ignore_ascii_case(given.text))
                    .ok_or($crate::settings::values::Wrong::Form)
            }

            fn is_off(&self) -> bool {
                self.as_str() == "off"
            }
        }
    };
}

pub(crate) use words;
