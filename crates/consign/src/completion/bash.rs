use std::ffi::OsString;
use std::io::{Result, Write};
use std::path::Path;

use clap::Command;
use clap_complete::engine;
use clap_complete::env::EnvCompleter;

/// Bash, with words as a person sees them: its own end at every colon, in URLs and in `seq:7`.
pub(super) struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == "bash"
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn Write,
    ) -> Result<()> {
        let script = SCRIPT
            .replace("@variable@", var)
            .replace("@name@", name)
            .replace("@program@", bin)
            .replace("@completer@", completer);
        buf.write_all(script.as_bytes())
    }

    fn write_complete(
        &self,
        cmd: &mut Command,
        args: Vec<OsString>,
        current_dir: Option<&Path>,
        buf: &mut dyn Write,
    ) -> Result<()> {
        // The script sends the line up to the cursor, so the last word is the one.
        let index = args.len().saturating_sub(1);
        for candidate in engine::complete(cmd, args, index, current_dir)? {
            writeln!(buf, "{}", candidate.get_value().to_string_lossy())?;
        }
        Ok(())
    }
}

/// What is answered is a line a candidate. Bash puts it in the place of what it takes for the
/// current word, which is `$2`; what stands before that in ours is left out.
const SCRIPT: &str = r#"_@name@() {
    local line="${COMP_LINE:0:COMP_POINT}" words word candidate
    read -r -a words <<< "$line"
    [[ "$line" == *[[:space:]] ]] && words+=("")
    # What stands before the command, such as variables for it.
    while ((${#words[@]} > 1)) && [[ "${words[0]}" != "${COMP_WORDS[0]}" ]]; do
        words=("${words[@]:1}")
    done
    word="${words[${#words[@]} - 1]}"
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("${candidate#"${word%"$2"}"}")
    done < <(@variable@=bash "@completer@" -- "${words[@]}" 2> /dev/null)
    if [[ "${COMPREPLY[0]-}" == *[=/:] ]]; then
        compopt -o nospace 2> /dev/null
    fi
}
complete -o default -F _@name@ @program@
"#;
