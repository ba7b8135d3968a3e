use super::row::Row;

/// A part of the table with its heading.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) rows: &'static [Row],
}

/// Declares a section: the typed struct, its rows of the table and the reading of both from one
/// text, so that none of them can be forgotten. A field's documentation is the setting's.
macro_rules! section {
    (
        $title:literal;
        $(#[doc = $about:literal])+
        pub struct $Name:ident {
            $( $(#[doc = $doc:literal])+ pub $field:ident: $ty:ty = $row:expr; )+
        }
        $( with {
            $( $(#[doc = $part_doc:literal])+ pub $part:ident: $Part:ty; )+
        } )?
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        pub struct $Name {
            $( $(#[doc = $doc])+ pub $field: $ty, )+
            $( $( $(#[doc = $part_doc])+ pub $part: $Part, )+ )?
        }

        impl $Name {
            pub(crate) const SECTION: $crate::settings::section::Section =
                $crate::settings::section::Section {
                    title: $title,
                    rows: &[ $(
                        $row.of(
                            concat!($($doc),+),
                            <$ty as $crate::settings::values::Value>::FORM,
                        ),
                    )+ ],
                };

            $(
                /// Every section there is, in the order of the references.
                pub(crate) const TABLE: &'static [$crate::settings::section::Section] =
                    &[Self::SECTION, $( <$Part>::SECTION, )+];
            )?

            /// Reads every row before giving up, so that all mistakes are found at once.
            pub(crate) fn read(
                reader: &mut $crate::settings::reader::Reader<'_>,
            ) -> Option<Self> {
                $( let $field = reader.read::<$ty>(const {
                    &$row.of(
                        concat!($($doc),+),
                        <$ty as $crate::settings::values::Value>::FORM,
                    )
                }); )+
                $( $( let $part = <$Part>::read(reader); )+ )?
                Some(Self { $( $field: $field?, )+ $( $( $part: $part?, )+ )? })
            }
        }
    };
}

pub(crate) use section;
