use std::process::Output;

pub(crate) use crate::program::{bare, err, ok};

pub(crate) fn run(arguments: &[&str]) -> Output {
    bare(arguments).output().unwrap()
}
