//! The command table.

/// Largest JSON body of any command, bytes: a body of 64 KiB with its base64 and openings.
pub const MAX_JSON_BODY: usize = 512 * 1024;

/// Header in which a client says its build.
pub const BUILD_HEADER: &str = "conclave-build";

/// The build for booths and desks; who sends no header is taken for one.
pub const BUILD_DEFAULT: &str = "default";

/// A build that tests drive; refused outside development mode.
pub const BUILD_DRIVEN: &str = "driven";

/// HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Changes.
    Post,
    /// Keeps bytes by digest.
    Put,
}

/// Who may call a command at all. What they may do with it is decided by the evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Server-authenticated TLS alone: bidders, health.
    Open,
    /// A client certificate whose key the record knows: a role, a bound evaluation key, an enrolled booth.
    Known,
    /// A client certificate whose key is an anchored clerk's, before the record exists.
    Clerk,
    /// A client certificate with the cosigning key of a log witness of the record.
    LogWitness,
    /// Local metrics, on their own listener.
    Operator,
}

/// One command.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Its name, also the span name in logs.
    pub name: &'static str,
    /// Method.
    pub method: Method,
    /// Path; `{…}` are parameters.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it does.
    pub what: &'static str,
}

const fn command(
    name: &'static str,
    method: Method,
    path: &'static str,
    access: Access,
    what: &'static str,
) -> Command {
    Command {
        name,
        method,
        path,
        access,
        what,
    }
}

/// Every command of the centre.
pub const COMMANDS: &[Command] = &[
    command(
        "health",
        Method::Get,
        "/v1/health",
        Access::Open,
        "is the process alive and the store writable",
    ),
    command(
        "record_list",
        Method::Get,
        "/v1/records",
        Access::Known,
        "records the caller's key has a role in",
    ),
    command(
        "record_create",
        Method::Post,
        "/v1/records",
        Access::Clerk,
        "the first act of a new record",
    ),
    command(
        "setup_blob_put",
        Method::Put,
        "/v1/blobs/{digest}",
        Access::Clerk,
        "rulebook and tender before the record exists",
    ),
    command(
        "act_submit",
        Method::Post,
        "/v1/records/{origin}/acts",
        Access::Known,
        "one signed act",
    ),
    command(
        "feed",
        Method::Get,
        "/v1/records/{origin}/feed",
        Access::Known,
        "the record from a cursor on, once",
    ),
    command(
        "live",
        Method::Get,
        "/v1/records/{origin}/live",
        Access::Known,
        "the live channel: the feed as it grows, a JSON line an item",
    ),
    command(
        "blob_put",
        Method::Put,
        "/v1/records/{origin}/blobs/{digest}",
        Access::Known,
        "bytes that an act will name",
    ),
    command(
        "blob_get",
        Method::Get,
        "/v1/records/{origin}/blobs/{digest}",
        Access::Known,
        "bytes that an act names and the caller may read",
    ),
    command(
        "ingest_key",
        Method::Post,
        "/v1/records/{origin}/ingest-key",
        Access::Known,
        "make the lot's ingest key with sealed backups",
    ),
    command(
        "part_decrypt",
        Method::Post,
        "/v1/records/{origin}/parts/{submission}/{part}",
        Access::Known,
        "combine partial decryptions and open a part",
    ),
    command(
        "presence",
        Method::Get,
        "/v1/records/{origin}/presence",
        Access::Known,
        "who is connected now, for supervisor, witness person, clerk and, of the own site, site operator",
    ),
    command(
        "replacement_ask",
        Method::Post,
        "/v1/records/{origin}/replacements",
        Access::Known,
        "a booth's new PC asks the site desk to put its key in the place of the old one's",
    ),
    command(
        "replacement_list",
        Method::Get,
        "/v1/records/{origin}/replacements",
        Access::Known,
        "new PCs that wait for the site desk that asks",
    ),
    command(
        "archive_get",
        Method::Get,
        "/v1/records/{origin}/archive/{profile}",
        Access::Known,
        "the archive package",
    ),
    command(
        "leaves_return",
        Method::Post,
        "/v1/records/{origin}/leaves",
        Access::Known,
        "leaves a client kept, after a restore",
    ),
    command(
        "blobs_missing",
        Method::Post,
        "/v1/records/{origin}/blobs-missing",
        Access::Open,
        "which of the blobs a client kept are named by acts and lacking at the centre",
    ),
    command(
        "blob_return",
        Method::Put,
        "/v1/records/{origin}/returned/{digest}",
        Access::Open,
        "bytes that an act names and the centre lacks",
    ),
    command(
        "bundle",
        Method::Get,
        "/v1/records/{origin}/lot-key",
        Access::Open,
        "the lot-key bundle for bidders",
    ),
    command(
        "bid_blob_put",
        Method::Put,
        "/v1/records/{origin}/bids/blobs/{digest}",
        Access::Open,
        "a sealed part",
    ),
    command(
        "bid_act",
        Method::Post,
        "/v1/records/{origin}/bids",
        Access::Open,
        "an act signed by a submission key",
    ),
    command(
        "bid_receipt",
        Method::Get,
        "/v1/records/{origin}/bids/{act}",
        Access::Open,
        "inclusion and cosigned checkpoint of a bidder's act",
    ),
    command(
        "bid_stage",
        Method::Get,
        "/v1/records/{origin}/bids-stage",
        Access::Open,
        "which parts are being opened, and the checkpoint to name",
    ),
    command(
        "witness_page",
        Method::Get,
        "/v1/witness/{record}/{size}",
        Access::LogWitness,
        "newest checkpoint with consistency from a size",
    ),
    command(
        "witness_live",
        Method::Get,
        "/v1/witness-live",
        Access::LogWitness,
        "a JSON line whenever a record has a new checkpoint",
    ),
    command(
        "cosign",
        Method::Post,
        "/v1/witness/{record}",
        Access::LogWitness,
        "a cosignature",
    ),
    command(
        "metrics",
        Method::Get,
        "/metrics",
        Access::Operator,
        "Prometheus text, on the operator's listener only",
    ),
];
