//! Which packages stand on the crate: the hooks for frameworks, and the examples.

/// The hooks, each a package in `hooks`.
pub const HOOKS: [&str; 3] = ["eversocket-dioxus", "eversocket-leptos", "eversocket-yew"];

/// The examples that are pages, each a folder in `examples`.
pub const PAGES: [&str; 5] = ["dioxus", "egui", "leptos", "worker", "yew"];

/// The examples that are programs, by their packages.
pub const PROGRAMS: [&str; 2] = ["eversocket-example-egui", "eversocket-example-tokio"];

/// The package of an example that is a page.
pub fn package(page: &str) -> String {
    format!("eversocket-example-{page}")
}

/// For cargo, what leaves all of them out of the workspace: frameworks take long to compile, and
/// want different features of the same crates.
pub fn left_out() -> Vec<String> {
    let pages = PAGES.iter().map(|page| package(page));
    let others = HOOKS.iter().chain(&PROGRAMS).map(|package| (*package).to_owned());
    let mut packages: Vec<String> = pages.chain(others).collect();
    packages.sort();
    packages.dedup();
    packages.into_iter().flat_map(|package| ["--exclude".to_owned(), package]).collect()
}
