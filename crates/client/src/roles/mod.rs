//! What a person of a role sees at a real seat, and may do: read models from the verified replica, and one function a
//! use case. Virtual people of a rehearsal decide when; how it is done stands here.

pub mod expert;
