#![doc = include_str!("../README.md")]

/// The front page of the repository. Here so that its code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct FrontPage;
