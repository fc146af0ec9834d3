//! An expert or tenderer's representative in a booth.

mod acts;
mod asked;
mod offers;
mod sheet;
mod view;

pub use acts::{
    SEAL_CONSEQUENCE, bind, close_round, declare_avoidance, evaluation_key, line_of_booth, promise,
    renew_evaluation_key, seal, sign_report, take_over, vote_leader,
};
pub(crate) use asked::{asked, goes_on_alone};
pub use sheet::{Form, Written, put_cell, seal_review, sheet};
pub use view::{bidder_lines, view};
