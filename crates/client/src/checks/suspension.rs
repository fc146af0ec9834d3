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
        return Err(ClientError::check(
            format!("第 {index} 条记录未向本席位公开"),
            format!("leaf {index} is not opened to this client"),
        ));
    }
    match replica.state().suspended() {
        None => Ok(()),
        Some(_) => Err(ClientError::check(
            "评标已暂停，请等待监督人员恢复",
            "the evaluation is paused: wait until the supervisor resumes it",
        )),
    }
}
