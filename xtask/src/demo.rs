//! The demo: built, served and opened.

use crate::{
    Outcome,
    front_ends::package,
    process, programs,
    server::{Address, TestServer},
    setup::{self, Steps, Toolchain},
    workspace,
};
use std::{env, process::Stdio};

/// Older ones of Debian and Ubuntu do not know what compilers emit by now.
const OLDEST_OPTIMIZER: u32 = 120;

/// What is worth waiting for in a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Small and fast code.
    Full,
    /// Code soon, for a test.
    Quick,
}

/// Shows the demo, or one of the examples.
pub fn run(example: Option<&str>, address: Address, open: bool) -> Outcome {
    let steps = Steps::new(true);
    let toolchain = setup::wasm_toolchain(&steps)?;
    setup::wasm_bindgen(&steps)?;
    setup::wasm_pack(&steps)?;
    drop(steps);

    let (folder, page) = match example {
        None => {
            build(&toolchain)?;
            ("www", format!("http://{address}/"))
        }
        Some(name) => {
            build_page(&toolchain, &package(name), &format!("examples/{name}"), Effort::Full)?;
            ("examples", format!("http://{address}/{name}/"))
        }
    };
    let server = TestServer::start(address, Some(&workspace::root().join(folder)))?;
    server.print_addresses();
    println!("demo: {page} (Ctrl-C ends it)");
    if open {
        show(&page);
    }
    server.wait()
}

/// Builds the demo's page.
pub fn build(toolchain: &Toolchain) -> Outcome {
    build_page(toolchain, "the demo", "www", Effort::Full)
}

/// Builds the page in a folder into its pkg.
pub fn build_page(toolchain: &Toolchain, title: &str, folder: &str, effort: Effort) -> Outcome {
    let mut build = process::command("wasm-pack");
    toolchain.apply(&mut build);
    // Nothing is downloaded: what it needs is there.
    build.args(["build", folder, "--target", "web", "--out-dir", "pkg", "--mode", "no-install"]);
    match effort {
        Effort::Quick => {
            build.arg("--dev");
        }
        Effort::Full if !has_optimizer() => {
            build.arg("--no-opt");
        }
        Effort::Full => {}
    }
    let log = format!("build-{}", folder.replace('/', "-"));
    Steps::say(&format!("build: {title}, for wasm32"), || process::run_logged(build, &log, None))
}

fn has_optimizer() -> bool {
    let text = programs::ask("wasm-opt", &["--version"]).unwrap_or_default();
    let version = text.split_whitespace().find_map(|word| word.parse::<u32>().ok());
    version.is_some_and(|version| version >= OLDEST_OPTIMIZER)
}

/// Opens a page where there is a display. The address has been printed, so that failing is fine.
fn show(page: &str) {
    let (program, arguments): (&str, &[&str]) = match env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/c", "start", ""]),
        _ if env::var_os("DISPLAY").is_some() || env::var_os("WAYLAND_DISPLAY").is_some() => ("xdg-open", &[]),
        _ => return,
    };
    let mut command = process::command(program);
    let _ = command.args(arguments).arg(page).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}
