use rusqlite::{Error, ErrorCode, ffi};

use crate::StoreError;

/// What SQLite's refusal means. Its own words may quote what was stored, so its code stands for it.
pub(super) fn fault(error: &Error) -> StoreError {
    let Error::SqliteFailure(failure, _) = error else {
        // Statements and types are ours: it is no table of ours that does not fit them.
        let reason = "a table is not as this program made it".to_owned();
        return StoreError::Setup { reason };
    };
    meaning(*failure)
}

fn meaning(failure: ffi::Error) -> StoreError {
    let words = ffi::code_to_str(failure.extended_code);
    let reason = format!("SQLite {}: {words}", failure.extended_code);
    match failure.code {
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::OperationAborted
        | ErrorCode::OperationInterrupted
        | ErrorCode::OutOfMemory
        | ErrorCode::SchemaChanged
        | ErrorCode::SystemIoFailure => StoreError::Away { reason },
        ErrorCode::DiskFull => StoreError::Full { reason },
        ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch => {
            StoreError::Refused { reason }
        }
        // What is left an operator has to look at: permissions, paths, damage. The library may name
        // more of it one day.
        _ => StoreError::Setup { reason },
    }
}
