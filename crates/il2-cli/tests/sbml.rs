//! `il2 audit` and `il2 export`, as called on the command line.

use std::path::Path;
use std::process::{Command, Output};

fn il2(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Command::new(env!("CARGO_BIN_EXE_il2")).current_dir(root).args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn an_audit_prints_what_a_model_conserves_within_100_columns() {
    let text = printed(&il2(&["audit", "studies/17-sbml.xml"]));
    assert!(
        text.contains("Conserved totals\n  ligand + complex + degraded\n  receptor + complex\n"),
        "{text}"
    );
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let json = printed(&il2(&["audit", "studies/17-sbml.xml", "--json"]));
    assert!(json.contains("\"conserved\""), "{json}");
    let refused = il2(&["audit", "studies/06-event-table.csv"]);
    assert_eq!(refused.status.code(), Some(2));
    let none = il2(&["audit", "studies/none.xml"]);
    assert_eq!(none.status.code(), Some(4));
}

#[test]
fn networks_are_written_once_and_can_be_audited() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("networks");
    let folder = folder.to_str().unwrap();
    let arguments = ["export", "studies/02-time-course.toml", "--sbml", folder];
    assert!(printed(&il2(&arguments)).contains("wrote"));
    let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&file).unwrap();
    for part in ["level=\"3\" version=\"2\"", "identifiers.org/doi", "unitDefinition"] {
        assert!(text.contains(part), "{part}");
    }
    let again = il2(&arguments);
    assert_eq!(again.status.code(), Some(2));
}

/// Networks of one cell, of a culture with additions and of a published well: rates of molecules,
/// of cells and of concentrations stand side by side, and all units agree.
#[test]
fn units_of_written_networks_agree() {
    let scratch = tempfile::tempdir().unwrap();
    for study in ["01-dose-response", "02-time-course", "11-culture", "12-activation"] {
        let folder = scratch.path().join(study);
        let folder = folder.to_str().unwrap();
        printed(&il2(&["export", &format!("studies/{study}.toml"), "--sbml", folder]));
        for file in std::fs::read_dir(folder).unwrap().take(3) {
            let file = file.unwrap().path();
            // Without units, nothing could disagree.
            let written = std::fs::read_to_string(&file).unwrap();
            for unit in
                ["extentUnits=\"unit_", "substanceUnits=\"unit_", "sbml:units=\"dimensionless\""]
            {
                assert!(written.contains(unit), "{}: {unit}", file.display());
            }
            let text = printed(&il2(&["audit", file.to_str().unwrap()]));
            assert!(text.contains("Conserved totals"), "{text}");
            assert!(!text.contains("nconsistent units"), "{}:\n{text}", file.display());
        }
    }
}

#[test]
fn the_header_of_a_patient_names_the_body_and_the_doses() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().to_str().unwrap();
    printed(&il2(&["export", "studies/07-regimens.toml", "--sbml", folder, "--julia", folder]));
    let written = std::fs::read_to_string(scratch.path().join("blood-1.xml")).unwrap();
    let body =
        "aldesleukin for the typical patient of 75.0 kg and 1.88 m2, regimen low_dose. The doses";
    assert!(written.contains(body) && !written.contains("in the medium"));
    assert_eq!(written.matches("<event ").count(), 84);
    let text = printed(&il2(&["audit", &format!("{folder}/blood-1.xml")]));
    assert!(!text.contains("nconsistent units"), "{text}");
    let equations = std::fs::read_to_string(scratch.path().join("blood-1.jl")).unwrap();
    assert!(equations.contains("84 events (doses, additions, changes of medium, windows)"));
}
