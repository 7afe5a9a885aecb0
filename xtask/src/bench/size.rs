//! What each client costs who downloads it.

use super::{build, built_module, folder, packages, succeed};
use crate::{
    Outcome,
    process::command,
    programs,
    setup::{self, Steps, WASM_TARGET},
    workspace,
};
use std::{fmt::Write, fs, path::Path};

/// What the others are told beside.
const EMPTY: &str = "empty";
/// What is set out to be reached: kilobytes by gzip over an empty module.
const TARGETS: [(&str, f64); 2] = [("eversocket", 15.0), ("eversocket-reconnecting", 30.0)];

/// What rustc and wasm-bindgen make use of, and browsers have; more would shrink the module to what
/// no browser loads.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Bytes of a module, and of the script around it.
struct Size {
    name: String,
    module: u64,
    gzip: u64,
    brotli: u64,
    script_gzip: u64,
}

/// The section of the report.
pub fn run() -> Outcome<String> {
    let steps = Steps::new(true);
    setup::wasm_toolchain(&steps)?;
    setup::wasm_bindgen(&steps)?;
    setup::binaryen(&steps)?;
    let mut sizes = Vec::new();
    for name in packages("benches/size/clients")? {
        sizes.push(Steps::say(&format!("size: {name}"), || measure(&name))?);
    }
    Ok(table(&sizes))
}

fn measure(name: &str) -> Outcome<Size> {
    build("size", &["--target", WASM_TARGET, "--package", &format!("size-{name}")])?;
    let crate_name = format!("size_{}", name.replace('-', "_"));
    let built = built_module("size", name)?;
    let package = folder("size/packages")?.join(name);
    let mut bindgen = command("wasm-bindgen");
    bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(&package).arg(&built);
    succeed(bindgen)?;
    let module = package.join("optimized.wasm");
    let mut optimize = command("node");
    optimize.arg(setup::wasm_opt()).arg("-Oz").args(FEATURES).arg("-o").arg(&module);
    optimize.arg(package.join(format!("{crate_name}_bg.wasm")));
    succeed(optimize)?;
    let script = package.join(format!("{crate_name}.js"));
    Ok(Size {
        name: name.to_owned(),
        module: fs::metadata(&module).map_err(|error| format!("{}: {error}", module.display()))?.len(),
        gzip: compressed(&module, "gzipSync(bytes, { level: 9 })")?,
        brotli: compressed(&module, "brotliCompressSync(bytes)")?,
        script_gzip: compressed(&script, "gzipSync(bytes, { level: 9 })")?,
    })
}

fn compressed(path: &Path, how: &str) -> Outcome<u64> {
    let script =
        format!("const bytes = require('fs').readFileSync(process.argv[1]); console.log(require('zlib').{how}.length)");
    let length = programs::ask("node", &["-e", &script, &path.to_string_lossy()]);
    length.and_then(|length| length.parse().ok()).ok_or_else(|| format!("{} is not compressed", path.display()))
}

fn table(sizes: &[Size]) -> String {
    let empty = sizes.iter().find(|size| size.name == EMPTY).map_or(0, |size| size.gzip);
    let kilobytes = |bytes: u64| bytes as f64 / 1000.0;
    let mut text = String::from("| target | bound | reached | |\n|---|---|---|---|\n");
    // a string takes whatever is written to it
    for (name, bound) in TARGETS {
        let Some(size) = sizes.iter().find(|size| size.name == name) else { continue };
        let over = kilobytes(size.gzip.saturating_sub(empty));
        let verdict = if over <= bound { "met" } else { "**missed**" };
        let _infallible =
            writeln!(text, "| KB of {name} by gzip, over an empty module | ≤ {bound} | {over:.1} | {verdict} |");
    }
    text.push_str("\n| KB | module | gzip | brotli | script, gzip |\n|---|---|---|---|---|\n");
    for Size { name, module, gzip, brotli, script_gzip } in sizes {
        let [module, gzip, brotli, script] = [module, gzip, brotli, script_gzip].map(|bytes| kilobytes(*bytes));
        let label = label(name);
        let _infallible = writeln!(text, "| {label} | {module:.1} | {gzip:.1} | {brotli:.1} | {script:.1} |");
    }
    text
}

/// With the version that is locked.
fn label(name: &str) -> String {
    let lock = fs::read_to_string(workspace::root().join("benches/size/Cargo.lock")).unwrap_or_default();
    match workspace::version_in(&lock, name) {
        Some(version) if !name.starts_with("eversocket") => format!("{name} {version}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_counts_from_the_empty_module() {
        let size = |name: &str, gzip| Size { name: name.to_owned(), module: 0, gzip, brotli: 0, script_gzip: 0 };
        let table = table(&[size("empty", 700), size("eversocket", 15_700), size("eversocket-reconnecting", 30_800)]);
        assert!(table.contains("| KB of eversocket by gzip, over an empty module | ≤ 15 | 15.0 | met |"), "{table}");
        assert!(table.contains("| ≤ 30 | 30.1 | **missed** |"), "{table}");
    }
}
