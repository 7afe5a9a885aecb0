//! The Linux distribution's Rust, for where rustup can download nothing. Its package has no
//! standard library for wasm32, but the source of one.

use super::{Toolchain, WASM_TARGET, apt, crates};
use crate::{
    Outcome,
    process::{command, run_logged},
    programs,
};
use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

/// By full path, since rustup's come first on PATH.
const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";
const RUSTDOC: &str = "/usr/bin/rustdoc";
/// What rustup calls it.
const NAME: &str = "eversocket-wasm";
const LINKER_VARIABLE: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER";

/// It, if it compiles for wasm32 by now.
pub fn present() -> Option<Toolchain> {
    let linker = (LINKER_VARIABLE, OsString::from(linker(compiler()?.llvm)?));
    let (toolchain, compiler) = if programs::find(&["rustup"]).is_some() {
        (Toolchain::new("cargo", vec![("RUSTUP_TOOLCHAIN", NAME.into()), linker]), "rustc")
    } else {
        (Toolchain::new(CARGO, vec![("RUSTC", RUSTC.into()), ("RUSTDOC", RUSTDOC.into()), linker]), RUSTC)
    };
    toolchain.compiles(compiler).then_some(toolchain)
}

/// Installs its packages, builds the standard library for wasm32 and puts it beside the native one.
pub fn install() -> Outcome {
    if !compiler().is_some_and(|compiler| compiler.has_source()) || !Path::new(CARGO).exists() {
        apt::install(&["rustc-web", "cargo-web", "rust-web-src"])?;
    }
    if !Path::new("/usr/bin/cargo-clippy").exists() {
        // Not every release has it, and only `cargo xtask check` would miss it.
        let _ = apt::install(&["rust-web-clippy"]);
    }
    let compiler = compiler().ok_or_else(|| format!("{RUSTC} is missing or older than {}", oldest()))?;
    if linker(compiler.llvm).is_none() {
        apt::install(&[&format!("lld-{}", compiler.llvm)])?;
    }
    let libraries = build(&crates::build_folder().join("standard-library"))?;
    put(&libraries, &compiler.sysroot)?;
    if programs::find(&["rustup"]).is_none() {
        return Ok(());
    }
    let mut rustup = command("rustup");
    rustup.args(["toolchain", "link", NAME]).arg(&compiler.sysroot);
    run_logged(rustup, "rustup-link", None)
}

struct Compiler {
    llvm: u32,
    sysroot: PathBuf,
}

impl Compiler {
    fn has_source(&self) -> bool {
        self.sysroot.join("lib/rustlib/src/rust/library/std/Cargo.toml").exists()
    }
}

/// The distribution's compiler, unless it is too old.
fn compiler() -> Option<Compiler> {
    let text = programs::ask(RUSTC, &["--version", "--verbose"])?;
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    if version(field("release:")?)? < version(oldest())? {
        return None;
    }
    let llvm = field("LLVM version:")?.split('.').next()?.parse().ok()?;
    Some(Compiler { llvm, sysroot: programs::ask(RUSTC, &["--print", "sysroot"])?.into() })
}

/// The oldest compiler that this workspace takes.
fn oldest() -> &'static str {
    env!("CARGO_PKG_RUST_VERSION")
}

/// Major and minor.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split(['.', '-']).map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// The name of a linker that is not older than the compiler's LLVM; of those the oldest.
fn linker(llvm: u32) -> Option<String> {
    let names: Vec<_> = env::split_paths(&programs::search_path())
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.file_name()))
        .collect();
    let versions = names.iter().filter_map(|name| name.to_str()?.strip_prefix("wasm-ld-")?.parse::<u32>().ok());
    versions.filter(|version| *version >= llvm).min().map(|version| format!("wasm-ld-{version}"))
}

/// Builds the standard library as the dependency of an empty crate, and gives its files.
fn build(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", folder.display());
    fs::create_dir_all(folder.join("src")).map_err(failed)?;
    let manifest = "[package]\nname = \"empty\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).map_err(failed)?;
    fs::write(folder.join("src/lib.rs"), "").map_err(failed)?;

    let mut cargo = command(CARGO);
    cargo.current_dir(folder).args(["build", "--release", "--target", WASM_TARGET]);
    cargo.arg("-Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test");
    cargo.env("RUSTC", RUSTC).env_remove("RUSTUP_TOOLCHAIN").env("CARGO_TARGET_DIR", folder.join("target"));
    // A stable compiler builds its own standard library only when it is told so.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    // Link-time optimisation reads the bitcode.
    cargo.env_remove("RUSTFLAGS").env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "-Cembed-bitcode=yes");
    run_logged(cargo, "standard-library", None)?;

    let built = folder.join("target").join(WASM_TARGET).join("release/deps");
    let entries = fs::read_dir(&built).map_err(|error| format!("cannot read {}: {error}", built.display()))?;
    let is_library = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.ends_with(".rlib") && !name.starts_with("libempty-")
    };
    Ok(entries.flatten().map(|entry| entry.path()).filter(is_library).collect())
}

/// Puts libraries where the compiler looks for those of installed targets.
fn put(libraries: &[PathBuf], sysroot: &Path) -> Outcome {
    let folder = sysroot.join("lib/rustlib").join(WASM_TARGET).join("lib");
    let mut make = apt::privileged("mkdir")?;
    make.arg("-p").arg(&folder);
    run_logged(make, "standard-library-folder", None)?;
    let mut copy = apt::privileged("cp")?;
    copy.arg("--").args(libraries).arg(&folder);
    run_logged(copy, "standard-library-copy", None)
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_compare_by_number() {
        assert_eq!(version("1.96.0"), Some((1, 96)));
        assert!(version("1.100.0-nightly") > version("1.88"));
        assert_eq!(version("stable"), None);
    }
}
