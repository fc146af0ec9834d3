//! Before anything is sealed, released or decrypted: the evaluation is not suspended.

use crate::error::ClientError;
use crate::replica::Replica;
use evaluation::acts::suspension::SUSPENSION;

/// The evaluation is not suspended, and every suspension and resumption is opened to this client.
///
/// # Errors
/// [`ClientError::Check`].
pub fn check_not_suspended(replica: &Replica) -> Result<(), ClientError> {
    if let Some(index) = replica.hidden_control(&[SUSPENSION]) {
        return Err(ClientError::Check(format!(
            "leaf {index} is not opened to this client"
        )));
    }
    match replica.state().suspended() {
        None => Ok(()),
        Some(_) => Err(ClientError::Check(
            "the evaluation is suspended: wait until the supervisor resumes it".to_owned(),
        )),
    }
}
