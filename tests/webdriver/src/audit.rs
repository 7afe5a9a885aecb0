//! Whether a page is usable by everybody, as far as a program can tell.

use crate::Browser;
use serde_json::json;

/// Where the set-up puts it.
const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/axe-core/axe.min.js");

impl Browser {
    /// Has all rules of axe-core hold for the page as it is now.
    pub async fn assert_accessible(&self) {
        let axe = std::fs::read_to_string(AXE).expect("axe-core; `cargo xtask setup --chrome` puts it into .tools");
        let audit = "
            return axe.run(document).then(({ violations, passes }) => ({
                checked: passes.length,
                violations: violations.map(({ id, help, nodes }) =>
                    `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`),
            }))";
        let found = self.evaluate(&format!("{axe};{audit}"), json!([])).await;
        assert!(found["checked"].as_u64() > Some(0), "nothing was checked: {found}");
        assert_eq!(found["violations"], json!([]));
    }
}
