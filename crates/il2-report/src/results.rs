//! The folder that a run writes: tables, figures, summary, report and manifest, which is written
//! completely or not at all.

use crate::program::PROGRAM;
use crate::report;
use il2_answer::across;
use il2_answer::answer::AssayResult;
use il2_assay::kinds::Plan;
use il2_output::figure::{Figure, to_png, to_svg};
use il2_output::folder::{Folder, FolderError, MANIFEST, Staged, Written};
use il2_study::error::StudyError;
use il2_study::study::Study;
use serde_json::json;
use std::path::Path;

/// The error for a folder that cannot or must not be written.
pub fn refused(error: FolderError) -> StudyError {
    match error.taken {
        true => StudyError::of_file(&error.path, error.message),
        false => StudyError::io(&error.path, error.message),
    }
}

/// Largest number of figures drawn at once.
const MOST_DRAWN: usize = 4;

/// Every file that a run of these plans may write.
pub fn planned(study: &Study, plans: &[(String, Plan)]) -> Vec<String> {
    let own = plans.iter().flat_map(|(_, plan)| plan.files(study.figures));
    own.chain(["summary.json", "report.html", MANIFEST].map(str::to_string)).collect()
}

/// Claims a folder and writes all files of a run into it.
pub fn write(
    folder: &Path,
    study: &Study,
    plans: &[(String, Plan)],
    results: &[(String, AssayResult)],
) -> Result<Vec<Written>, FolderError> {
    let folder = Folder::take(folder, &planned(study, plans), None)?;
    stage(&folder, study, plans, results)?.swap()
}

/// Writes all files of a run in a temporary place, so that a failure leaves the folder unchanged.
/// The same study gives the same bytes: no file contains times, machines or numbers of threads.
pub fn stage<'a>(
    folder: &'a Folder,
    study: &Study,
    plans: &[(String, Plan)],
    results: &[(String, AssayResult)],
) -> Result<Staged<'a>, FolderError> {
    let mut staged = folder.stage()?;
    let seed = study.seed.to_string();
    let metadata = [
        ("il2.study_sha256", study.hash.as_str()),
        ("il2.program", PROGRAM),
        ("il2.seed", seed.as_str()),
    ];
    let figures = results.iter().flat_map(|(_, result)| &result.figures);
    let figures: Vec<&Figure> = figures.filter(|_| study.figures).map(|(_, f)| f).collect();
    // Drawing a large picture takes hundreds of MB.
    let drawn = study.threads.at_most(MOST_DRAWN).map(&figures, |figure| {
        let svg = to_svg(figure);
        let png = to_png(&svg, 2.0);
        (svg, png)
    });
    let mut drawn = drawn.into_iter();
    for (_, result) in results {
        for table in &result.tables {
            let rows = Some(table.rows());
            staged.add(format!("{}.csv", table.name), rows, |w| table.write_csv(w))?;
            let name = format!("{}.parquet", table.name);
            staged.add(name, rows, |w| table.write_parquet(w, &metadata))?;
        }
        for ((name, _), (svg, png)) in result.figures.iter().zip(&mut drawn) {
            staged.bytes(&format!("{name}.svg"), svg.as_bytes())?;
            // A PNG that cannot be drawn does not stop the run, because the SVG shows the same
            // figure.
            if let Ok(png) = png {
                staged.bytes(&format!("{name}.png"), &png)?;
            }
        }
    }
    staged.bytes("summary.json", &pretty(&summary(study, results)))?;
    let listed = |f: &Written| (f.name.clone(), f.sha256.clone());
    let others: Vec<report::Listed> = staged.files.iter().map(listed).collect();
    let page = report::page(study, plans, results, &others);
    staged.bytes("report.html", page.as_bytes())?;
    let listed = staged.files.iter();
    let listed: Vec<_> =
        listed.map(|f| json!({"file": f.name, "sha256": f.sha256, "rows": f.rows})).collect();
    let inputs = report::tables_read(study, results).into_iter();
    let inputs: Vec<_> = inputs.map(|(file, hash)| json!({"file": file, "sha256": hash})).collect();
    let mut manifest = about(study, results);
    manifest["inputs"] = json!(inputs);
    manifest["files"] = json!(listed);
    // Only if the folder is named after the study, because any other path would depend on the
    // machine.
    if let Some(study) = folder.study() {
        manifest["study"] = json!(study);
    }
    staged.bytes(MANIFEST, &pretty(&manifest))?;
    debug_assert!(
        staged.files.iter().all(|f| planned(study, plans).contains(&f.name)),
        "a file that no plan names: {:?}",
        staged.files
    );
    Ok(staged)
}

/// The summary of all assays, as `--json` prints it.
pub fn summary(study: &Study, results: &[(String, AssayResult)]) -> serde_json::Value {
    let of = |r: &AssayResult| {
        let mut short = r.summary.clone();
        short["warnings"] = json!(r.warnings);
        short["simulations_failed"] = json!(r.failed);
        short["draw_simulations_failed"] = json!(r.failed_draws.0);
        short
    };
    let assays: serde_json::Map<String, serde_json::Value> =
        results.iter().map(|(name, r)| (name.clone(), of(r))).collect();
    let answer: serde_json::Map<String, serde_json::Value> =
        results.iter().map(|(name, r)| (name.clone(), json!(r.sentences))).collect();
    let mut summary = about(study, results);
    summary["answer"] = json!(answer);
    summary["answer_across_assays"] = json!(across::sentences(results));
    summary["assays"] = json!(assays);
    summary
}

/// The beginning of manifest and summary: study, program, and number of failures.
fn about(study: &Study, results: &[(String, AssayResult)]) -> serde_json::Value {
    json!({
        "program": PROGRAM,
        "study_sha256": study.hash,
        "question": study.question,
        "seed": study.seed,
        "simulations_failed": results.iter().map(|(_, r)| r.failed).sum::<usize>(),
        "draw_simulations_failed": results.iter().map(|(_, r)| r.failed_draws.0).sum::<usize>(),
    })
}

fn pretty(value: &serde_json::Value) -> Vec<u8> {
    let mut text = serde_json::to_string_pretty(value).expect("JSON of our own").into_bytes();
    text.push(b'\n');
    text
}
