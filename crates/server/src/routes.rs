//! A route for each command of the table, and no other.

use crate::commands::{bids, records, witnesses};
use crate::gate::{outside, serve};
use crate::server::App;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use protocol::{Access, COMMANDS, Command, Method};
use std::sync::Arc;

type Make = fn(MethodFilter) -> MethodRouter<Arc<App>>;

/// The handler of each command.
const HANDLERS: &[(&str, Make)] = &[
    ("health", |m| on(m, records::health)),
    ("record_list", |m| on(m, records::list)),
    ("record_create", |m| on(m, records::create)),
    ("setup_blob_put", |m| on(m, records::setup_blob_put)),
    ("act_submit", |m| on(m, records::act_submit)),
    ("feed", |m| on(m, records::feed)),
    ("live", |m| on(m, records::live)),
    ("blob_put", |m| on(m, records::blob_put)),
    ("blob_get", |m| on(m, records::blob_get)),
    ("ingest_key", |m| on(m, bids::ingest_key)),
    ("part_decrypt", |m| on(m, bids::part_decrypt)),
    ("presence", |m| on(m, records::presence)),
    ("replacement_ask", |m| on(m, records::replacement_ask)),
    ("replacement_list", |m| on(m, records::replacement_list)),
    ("archive_get", |m| on(m, records::archive_get)),
    ("leaves_return", |m| on(m, records::leaves_return)),
    ("blobs_missing", |m| on(m, records::blobs_missing)),
    ("blob_return", |m| on(m, records::blob_return)),
    ("bundle", |m| on(m, bids::bundle)),
    ("bid_blob_put", |m| on(m, bids::blob_put)),
    ("bid_act", |m| on(m, bids::act)),
    ("bid_receipt", |m| on(m, bids::receipt)),
    ("bid_stage", |m| on(m, bids::stage)),
    ("witness_page", |m| on(m, witnesses::page)),
    ("witness_live", |m| on(m, witnesses::live)),
    ("cosign", |m| on(m, witnesses::cosign)),
    ("metrics", |m| on(m, records::metrics)),
];

/// Names of the commands that have a handler.
pub fn handled() -> impl Iterator<Item = &'static str> {
    HANDLERS.iter().map(|(name, _)| *name)
}

/// The router of the commands that `listener` admits.
fn router(app: &Arc<App>, listener: impl Fn(&Command) -> bool) -> Router {
    let mut router = Router::new();
    for command in COMMANDS.iter().filter(|command| listener(command)) {
        let make = HANDLERS.iter().find(|(name, _)| *name == command.name);
        let (_, make) = make.expect("a test holds that every command of the table has a handler");
        let filter = match command.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
            Method::Put => MethodFilter::PUT,
        };
        let gate = from_fn_with_state((app.clone(), command), serve);
        router = router.route(command.path, make(filter).layer(gate));
    }
    router
        .fallback(outside)
        .method_not_allowed_fallback(outside)
        .with_state(app.clone())
}

/// Commands of members, bidders and log witnesses.
pub(crate) fn public(app: &Arc<App>) -> Router {
    router(app, |command| command.access != Access::Operator)
}

/// Commands of the operator's listener.
pub(crate) fn operator(app: &Arc<App>) -> Router {
    router(app, |command| command.access == Access::Operator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_handlers_are_those_of_the_table() {
        let handlers: BTreeSet<&str> = handled().collect();
        let commands: BTreeSet<&str> = COMMANDS.iter().map(|command| command.name).collect();
        assert_eq!(handlers, commands);
        assert_eq!(HANDLERS.len(), COMMANDS.len(), "each once");
    }
}
