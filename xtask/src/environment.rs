//! The environment in which plain cargo and wasm-pack find what was set up.

use crate::{
    Outcome,
    setup::{Toolchain, WASM_TARGET},
    workspace,
};

pub fn print() -> Outcome {
    let toolchain = Toolchain::present()
        .ok_or_else(|| format!("no Rust here compiles for {WASM_TARGET} yet; run `cargo xtask setup` first"))?;
    println!("export PATH={}:\"$PATH\"", quoted(&workspace::tools().join("bin").to_string_lossy()));
    for (name, value) in toolchain.variables() {
        println!("export {name}={}", quoted(&value.to_string_lossy()));
    }
    for (name, value) in crate::testing::BROWSER_VARIABLES {
        println!("export {name}={}", quoted(value));
    }
    Ok(())
}

/// As one word for the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn quotes_survive_the_shell() {
        assert_eq!(super::quoted("it's"), r"'it'\''s'");
    }
}
