//! System calls that no task needs, by seccomp.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use crate::SandboxError;

/// `EPERM`.
const REFUSED: u32 = 1;
/// `ENOSYS`: what calls it then does without.
const NOT_THERE: u32 = 38;
/// `clone3`, whose flags lie in memory, where no filter can look; libraries go back to `clone`.
const CLONE3: i64 = 435;
/// What marks the calls of programs with short pointers on x86-64, which have the same numbers otherwise.
const SHORT_POINTERS: i64 = 0x4000_0000;
/// `CLONE_NEWUSER`: with a namespace of users of its own a task would have more power than it was left with.
const NEW_USERS: u64 = 0x1000_0000;
/// `TIOCSTI` and `TIOCLINUX`: typing into somebody's terminal.
const TYPING: [u64; 2] = [0x5412, 0x541c];

/// The numbers of system calls: on x86-64, and on all newer machines.
#[cfg(target_arch = "x86_64")]
mod number {
    pub(super) const NEVER: &[i64] = &[
        101, // ptrace
        155, // pivot_root
        161, // chroot
        163, // acct
        165, // mount
        166, // umount2
        167, // swapon
        168, // swapoff
        169, // reboot
        175, // init_module
        176, // delete_module
        246, // kexec_load
        248, // add_key
        249, // request_key
        250, // keyctl
        298, // perf_event_open
        308, // setns
        310, // process_vm_readv
        311, // process_vm_writev
        313, // finit_module
        320, // kexec_file_load
        321, // bpf
        323, // userfaultfd
        425, // io_uring_setup
        426, // io_uring_enter
        427, // io_uring_register
        428, // open_tree
        429, // move_mount
        430, // fsopen
        442, // mount_setattr
    ];
    pub(super) const UNSHARE: i64 = 272;
    pub(super) const CLONE: i64 = 56;
    pub(super) const IOCTL: i64 = 16;
}

#[cfg(not(target_arch = "x86_64"))]
mod number {
    pub(super) const NEVER: &[i64] = &[
        117, // ptrace
        41,  // pivot_root
        51,  // chroot
        89,  // acct
        40,  // mount
        39,  // umount2
        224, // swapon
        225, // swapoff
        142, // reboot
        105, // init_module
        106, // delete_module
        104, // kexec_load
        217, // add_key
        218, // request_key
        219, // keyctl
        241, // perf_event_open
        268, // setns
        270, // process_vm_readv
        271, // process_vm_writev
        273, // finit_module
        294, // kexec_file_load
        280, // bpf
        282, // userfaultfd
        425, // io_uring_setup
        426, // io_uring_enter
        427, // io_uring_register
        428, // open_tree
        429, // move_mount
        430, // fsopen
        442, // mount_setattr
    ];
    pub(super) const UNSHARE: i64 = 97;
    pub(super) const CLONE: i64 = 220;
    pub(super) const IOCTL: i64 = 29;
}

/// The filters, made ready.
pub(crate) fn prepare() -> Result<Vec<BpfProgram>, SandboxError> {
    let failed = SandboxError::of("seccomp");
    let made = [not_there(), refused()].into_iter();
    made.collect::<Result<_, _>>()
        .map_err(|error| failed(&error))
}

/// Shuts them out, for this process and all that come of it.
pub(crate) fn shut_out(filters: &[BpfProgram]) -> Result<(), SandboxError> {
    let failed = SandboxError::of("seccomp");
    let mut filters = filters.iter();
    filters
        .try_for_each(|filter| seccompiler::apply_filter(filter))
        .map_err(|error| failed(&error))
}

/// What is answered as an older kernel would.
fn not_there() -> Result<BpfProgram, seccompiler::BackendError> {
    program(BTreeMap::from([(CLONE3, Vec::new())]), NOT_THERE)
}

fn program(
    mut rules: BTreeMap<i64, Vec<SeccompRule>>,
    answer: u32,
) -> Result<BpfProgram, seccompiler::BackendError> {
    if cfg!(target_arch = "x86_64") {
        let short: Vec<_> = rules
            .iter()
            .map(|(call, rules)| (call | SHORT_POINTERS, rules.clone()))
            .collect();
        rules.extend(short);
    }
    let architecture = std::env::consts::ARCH.try_into()?;
    let answer = SeccompAction::Errno(answer);
    SeccompFilter::new(rules, SeccompAction::Allow, answer, architecture)?.try_into()
}

fn refused() -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = number::NEVER
        .iter()
        .map(|call| (*call, Vec::new()))
        .collect();
    let new_users = || {
        let has = SeccompCmpOp::MaskedEq(NEW_USERS);
        let condition = SeccompCondition::new(0, SeccompCmpArgLen::Qword, has, NEW_USERS)?;
        SeccompRule::new(vec![condition])
    };
    rules.insert(number::UNSHARE, vec![new_users()?]);
    rules.insert(number::CLONE, vec![new_users()?]);
    let typing = TYPING.iter().map(|request| {
        let condition =
            SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, *request)?;
        SeccompRule::new(vec![condition])
    });
    rules.insert(number::IOCTL, typing.collect::<Result<_, _>>()?);
    program(rules, REFUSED)
}
