//! What a browser takes of the machine's memory, where the system tells: on Linux.

use std::{collections::HashMap, fs};

/// The memory of a program and all that it has started, without files that are mapped, in KiB. What
/// its processes share is counted once; another browser beside it, which shares the files, counts nothing.
pub(crate) fn of_family(program: u32) -> u64 {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for process in fs::read_dir("/proc").expect("the processes").flatten() {
        let id = process.file_name().to_str().and_then(|name| name.parse().ok());
        // one may have ended meanwhile
        if let Some((id, parent)) = id.and_then(|id| Some((id, parent(id)?))) {
            children.entry(parent).or_default().push(id);
        }
    }
    let mut family = vec![program];
    let mut kibibytes = 0;
    while let Some(id) = family.pop() {
        kibibytes += proportional(id).unwrap_or_default();
        family.extend(children.get(&id).into_iter().flatten());
    }
    kibibytes
}

/// Behind the name in parentheses, which may hold anything, come the state and the parent.
fn parent(id: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    status.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn proportional(id: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    let kibibytes = |name: &str| -> Option<u64> {
        rollup.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
    };
    Some(kibibytes("Pss_Anon:")? + kibibytes("Pss_Shmem:")?)
}
