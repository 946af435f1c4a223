//! Names of the files that an assay writes, which are known before it runs.

use crate::kinds::Plan;
use il2_study::error::StudyError;
use il2_study::study::Study;

/// The longest name that common file systems allow.
const LONGEST: usize = 255;

impl Plan {
    /// Files that it may write: tables in two formats, and figures, if they are wanted, in two
    /// formats.
    pub fn files(&self, figures: bool) -> Vec<String> {
        let (tables, drawn) = self.names();
        let both = |names: Vec<String>, ends: [&'static str; 2]| {
            names.into_iter().flat_map(move |n| ends.map(|end| format!("{n}.{end}")))
        };
        let drawn = if figures { drawn } else { vec![] };
        both(tables, ["csv", "parquet"]).chain(both(drawn, ["svg", "png"])).collect()
    }
}

/// Refuses assays that would write two files of the same name, or a file whose name some system
/// does not allow.
pub fn check(study: &Study, plans: &[(String, Plan)]) -> Result<(), StudyError> {
    // By file name in lower case: the file, and the assay that writes it.
    let mut all: std::collections::HashMap<String, (String, &str)> =
        std::collections::HashMap::new();
    for (assay, plan) in plans {
        let refuse = |message: String| Err(StudyError::at(format!("assay.{assay}"), message));
        for file in plan.files(study.figures) {
            let fine = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
            let small = file.to_ascii_lowercase();
            if file.len() > LONGEST || !file.chars().all(fine) || is_device(&small) {
                let file = il2_engine::words::shown(&file);
                return refuse(format!(
                    "would write a file \"{file}\", a name that some systems do not allow; use \
                     another name of \
                     at most 40 letters, digits, _ and -, for example {assay}_1"
                ));
            }
            if let Some((other, whose)) = all.insert(small, (file.clone(), assay)) {
                let free = |i: &usize| study.assays.keys().all(|a| *a != format!("{assay}-{i}"));
                let free = (2..).find(free).expect("a number that is free");
                return refuse(match whose == assay {
                    true => format!(
                        "would write two files \"{file}\"; give one of its tables of \
                         measurements another \
                         name, for example measured.wells"
                    ),
                    false => format!(
                        "would write a file \"{file}\" where assay {whose} writes \"{other}\"; \
                         choose another name, \
                         for example {assay}-{free}"
                    ),
                });
            }
        }
    }
    Ok(())
}

/// Names of devices, which some systems do not allow as file names, with any extension.
fn is_device(file: &str) -> bool {
    let stem = file.split('.').next().unwrap_or_default();
    let port = |of: &str| {
        stem.strip_prefix(of).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
    };
    ["con", "prn", "aux", "nul"].contains(&stem) || port("com") || port("lpt")
}

#[cfg(test)]
mod tests {
    use il2_study::study::Study;

    #[test]
    fn times_that_round_to_one_text_leave_figures_of_two_names() {
        let text = "version = 1\nquestion = \"Two times?\"\n[ligands.native]\nfrom = \"il2\"\n\
            [cells.treg]\nfrom = \"treg\"\n[assay.dose]\nkind = \"dose-response\"\n\
            doses = [\"1 pM\", \"10 pM\", \"100 pM\"]\ntimes = [\"600 s\", \"601 s\"]\n";
        let library = il2_study::Library::builtin();
        let study = Study::parse("study.toml".as_ref(), text, library).unwrap();
        let plans = crate::plans::plans(&study).unwrap();
        let files = plans[0].1.files(true);
        for name in ["dose.csv", "dose_10min.svg", "dose_10.02min.svg", "dose_ec50.png"] {
            assert!(files.contains(&name.to_string()), "{files:?}");
        }
        assert_eq!(files.len(), 10);
    }
}
