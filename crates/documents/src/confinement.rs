//! What the child takes from itself before it reads the document.

use std::collections::BTreeMap;
use std::io;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus, Scope,
};
use rlimit::Resource;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};
use serde::{Deserialize, Serialize};

use crate::limits::Limits;

/// Whether one layer is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// It is.
    Applied,
    /// It is not, for this reason.
    Unavailable(String),
}

/// The layers in force around a child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Limits of memory, processor time, file size, descriptors; no core file.
    pub rlimits: Layer,
    /// No file and no directory (Landlock; on kernels that have them also no TCP port, no abstract socket,
    /// no signal to others).
    pub landlock: Layer,
    /// System calls for memory, the three standard streams, time and the end; all others fail with `EPERM`.
    pub seccomp: Layer,
}

impl Confinement {
    /// The layers that are not in force, by name, each with the reason.
    pub fn missing(&self) -> Vec<String> {
        [
            ("rlimits", &self.rlimits),
            ("landlock", &self.landlock),
            ("seccomp", &self.seccomp),
        ]
        .into_iter()
        .filter_map(|(name, layer)| match layer {
            Layer::Applied => None,
            Layer::Unavailable(reason) => Some(format!("{name}: {reason}")),
        })
        .collect()
    }

    /// Whether every layer is in force.
    pub fn is_full(&self) -> bool {
        self.missing().is_empty()
    }
}

fn layer(result: Result<(), String>) -> Layer {
    match result {
        Ok(()) => Layer::Applied,
        Err(reason) => Layer::Unavailable(reason),
    }
}

/// Limits and Landlock, on the first thread: threads started later inherit both.
pub(crate) fn before_threads(limits: &Limits, stays: bool) -> (Layer, Layer) {
    let limited = layer(apply_rlimits(limits, stays).map_err(|error| error.to_string()));
    let unfiled = layer(apply_landlock());
    // The ruleset above was the last descriptor this process needed.
    let closed = rlimit::setrlimit(Resource::NOFILE, 3, 3);
    let limited = match (limited, closed) {
        (Layer::Applied, Err(error)) => Layer::Unavailable(error.to_string()),
        (limited, _) => limited,
    };
    (limited, unfiled)
}

/// The filter of system calls, on every thread of the process. No thread can be started after it.
pub(crate) fn after_threads() -> Layer {
    layer(apply_seccomp())
}

fn apply_rlimits(limits: &Limits, stays: bool) -> io::Result<()> {
    lower(Resource::CORE, 0, 0)?;
    lower(Resource::FSIZE, 0, 0)?;
    lower(Resource::AS, limits.address_space, limits.address_space)?;
    // The soft limit ends the child with SIGXCPU, which tells the parent why; the hard one is the backstop. For a
    // child that stays the parent raises the soft limit with every request: the filter of system calls keeps the
    // child from doing so.
    let hard = if stays {
        u64::MAX
    } else {
        limits.cpu_seconds.saturating_add(1)
    };
    lower(Resource::CPU, limits.cpu_seconds, hard)
}

/// Sets a limit, but never above the hard limit already in force.
fn lower(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let (_, ceiling) = resource.get()?;
    resource.set(soft.min(ceiling), hard.min(ceiling))
}

fn apply_landlock() -> Result<(), String> {
    // All rights are handled and none is granted, so none is left. Kernels that know fewer rights apply those
    // they know; the filter of system calls refuses the others too.
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V5))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(ABI::V5)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(ABI::V6)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self)
        .map_err(|error| error.to_string())?;
    match status.ruleset {
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Ok(()),
        RulesetStatus::NotEnforced => Err("this kernel does not offer it or has it switched off".into()),
    }
}

fn apply_seccomp() -> Result<(), String> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let filter = SeccompFilter::new(
        allowed().map_err(|error| error.to_string())?,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
        SeccompAction::Allow,
        architecture,
    )
    .map_err(|error| error.to_string())?;
    let program = BpfProgram::try_from(filter).map_err(|error| error.to_string())?;
    seccompiler::apply_filter_all_threads(&program).map_err(|error| error.to_string())
}

/// System calls that stay, whatever their arguments.
///
/// `close` is not among them: so the end of the child's output means the end of the child.
const ALWAYS: [libc::c_long; 19] = [
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_gettimeofday,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_gettid,
    libc::SYS_getpid,
];

fn allowed() -> Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALWAYS.iter().map(|call| (*call, Vec::new())).collect();
    // Only the standard streams: a descriptor that leaked from the parent is of no use.
    rules.insert(libc::SYS_read, vec![argument(0, SeccompCmpOp::Eq, 0)?]);
    rules.insert(
        libc::SYS_write,
        vec![
            argument(0, SeccompCmpOp::Eq, 1)?,
            argument(0, SeccompCmpOp::Eq, 2)?,
        ],
    );
    // No memory that can be run.
    let executable = SeccompCmpOp::MaskedEq(u64::from(libc::PROT_EXEC.unsigned_abs()));
    rules.insert(libc::SYS_mmap, vec![argument(2, executable.clone(), 0)?]);
    rules.insert(libc::SYS_mprotect, vec![argument(2, executable, 0)?]);
    // Only itself: aborting raises a signal.
    rules.insert(
        libc::SYS_tgkill,
        vec![argument(0, SeccompCmpOp::Eq, u64::from(std::process::id()))?],
    );
    Ok(rules)
}

fn argument(index: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(
        index,
        SeccompCmpArgLen::Dword,
        operator,
        value,
    )?])
}
