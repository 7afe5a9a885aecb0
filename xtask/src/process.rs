//! Running other programs.

use crate::{Outcome, programs, workspace};
use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How much of a log is shown when its program fails.
const TAIL: usize = 80;

/// A command at the workspace's root that finds what was set up.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace::root()).env("PATH", programs::search_path()).stdin(Stdio::null());
    // Left by the cargo that runs this program. Build scripts that watch them would run anew on
    // each change between `cargo test` and `cargo xtask test`.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "CARGO" {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a program whose output matters only when it fails.
pub fn run_logged(mut command: Command, log: &str, limit: Option<Duration>) -> Outcome {
    let path = workspace::log_file(log);
    let file = create(&path)?;
    let second = file.try_clone().map_err(|error| format!("cannot share {}: {error}", path.display()))?;
    command.stdout(file).stderr(second);
    let status = finish(&mut command, limit)?;
    if status.is_some_and(|status| status.success()) {
        return Ok(());
    }
    let ending = status.map_or("took too long".to_owned(), |status| format!("ended with {status}"));
    let text = String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n    ");
    Err(format!("{} {ending}. The end of {}:\n    {tail}", describe(&command), path.display()))
}

fn create(path: &Path) -> Outcome<File> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| File::create(path))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Waits for the end, or kills the program when its time is over.
fn finish(command: &mut Command, limit: Option<Duration>) -> Outcome<Option<ExitStatus>> {
    let started = Instant::now();
    let mut child = command.spawn().map_err(|error| cannot_run(command, &error))?;
    let Some(limit) = limit else {
        return child.wait().map(Some).map_err(|error| cannot_run(command, &error));
    };
    while started.elapsed() < limit {
        if let Some(status) = child.try_wait().map_err(|error| cannot_run(command, &error))? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(50));
    }
    let _ = child.kill();
    let _ = child.wait();
    Ok(None)
}

/// What a program printed, and whether it succeeded.
#[derive(Debug)]
pub struct Captured {
    pub text: String,
    pub success: bool,
}

/// Runs a program with its output shown as it comes, and kept.
pub fn run_captured(mut command: Command) -> Outcome<Captured> {
    println!("\n$ {}", describe(&command));
    let failed = |error: &io::Error| format!("the output was lost: {error}");
    // One pipe for both: two would lose the order, which tells what belongs to which test binary.
    let (mut reader, writer) = io::pipe().map_err(|error| failed(&error))?;
    let second = writer.try_clone().map_err(|error| failed(&error))?;
    command.env("CARGO_TERM_COLOR", "never").stdout(writer).stderr(second);
    let mut child = command.spawn().map_err(|error| cannot_run(&command, &error))?;
    // It holds the ends to write to, without whose closing the output never ends.
    drop(command);
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                bytes.extend_from_slice(&buffer[..count]);
                let mut output = io::stdout().lock();
                let _ = output.write_all(&buffer[..count]).and_then(|()| output.flush());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed(&error));
            }
        }
    }
    let status = child.wait().map_err(|error| failed(&error))?;
    Ok(Captured { text: String::from_utf8_lossy(&bytes).into_owned(), success: status.success() })
}

/// The program's name and arguments.
fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn cannot_run(command: &Command, error: &io::Error) -> String {
    format!("cannot run {}: {error}", describe(command))
}
