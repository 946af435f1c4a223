//! All dependencies have licences that `deny.toml` allows, and come from the public registry.
//!
//! `cargo deny` checks this and more, but takes longer to install than this workspace takes to
//! compile.

use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};
use std::path::Path;
use std::process::Command;

#[test]
#[ignore = "reads the descriptions of packages for other systems, too, which may have to be fetched"]
fn every_package_has_an_allowed_licence_and_a_known_origin() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("deny.toml")).expect("deny.toml");
    let settings: toml::Table = text.parse().expect("deny.toml is TOML");
    let allowed = settings["licenses"]["allow"].as_array().expect("a list");
    let allowed = allowed.iter().map(|name| name.as_str().expect("a name"));
    let allowed: Vec<Licensee> =
        allowed.map(|name| Licensee::parse(name).expect("a licence")).collect();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(&root)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 100, "{} packages only", packages.len());
    let mut refused = vec![];
    for package in packages {
        let name = format!("{} {}", package["name"], package["version"]);
        let licence = package["license"].as_str().unwrap_or_default();
        let expression = Expression::parse_mode(licence, ParseMode::LAX);
        let fits = expression.is_ok_and(|e| {
            e.evaluate(|wanted| allowed.iter().any(|licensee| licensee.satisfies(wanted)))
        });
        if !fits {
            refused.push(format!("{name}: licence {licence:?}"));
        }
        // Packages of this workspace have no source.
        let source = package["source"].as_str().unwrap_or("registry+");
        if !source.starts_with("registry+") {
            refused.push(format!("{name}: from {source}"));
        }
    }
    assert!(refused.is_empty(), "not allowed by deny.toml:\n{}", refused.join("\n"));
}
