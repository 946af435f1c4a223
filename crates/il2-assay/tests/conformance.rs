//! Tests against third-party data, which are not part of this repository. If the data are beside
//! the checkout: `cargo test --workspace --test conformance -- --ignored`.

use il2_study::Library;
use std::path::{Path, PathBuf};

fn shared(path: &str) -> PathBuf {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    assert!(file.is_file(), "{path} is not available beside this checkout");
    file
}

/// Rows of a CSV with the requested fields.
fn rows(file: &Path, columns: &[&str]) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let header = reader.headers().unwrap().clone();
    let places: Vec<usize> =
        columns.iter().map(|c| header.iter().position(|h| h == *c).unwrap()).collect();
    reader
        .records()
        .map(|r| {
            let r = r.unwrap();
            places.iter().map(|&p| r[p].to_string()).collect()
        })
        .collect()
}

#[test]
#[ignore = "needs ../shared/data beside the checkout"]
fn receptor_counts_are_the_geometric_means_of_the_published_stainings() {
    let file = shared("meyer-lab/gc-cytokines/final_receptor_levels.csv");
    let names = [("T-reg", "treg"), ("T-helper", "cd4_effector"), ("NK", "nk"), ("CD8+", "cd8")];
    let chains = [
        ("IL-2R$\\alpha$", "il2r_alpha"),
        ("IL-2R$\\beta$", "il2r_beta"),
        ("$\\gamma_{c}$", "gamma_c"),
    ];
    let all = rows(&file, &["Cell Type", "Receptor", "Count"]);
    for (theirs, ours) in names {
        for (receptor, chain) in chains {
            let logs: Vec<f64> = all
                .iter()
                .filter(|r| r[0] == theirs && r[1] == receptor)
                .map(|r| r[2].parse::<f64>().unwrap().ln())
                .collect();
            assert_eq!(logs.len(), 4);
            let mean = (logs.iter().sum::<f64>() / 4.0).exp();
            let library = Library::builtin().cells[ours].receptors["farhat2021"][chain].value;
            assert!((library / mean - 1.0).abs() < 0.03, "{ours} {chain}: {library} {mean}");
        }
    }
}

#[test]
#[ignore = "needs ../shared/data beside the checkout"]
fn fusion_affinities_are_the_published_ones() {
    let file = shared("meyer-lab/type-I-ckine-model/WTmutAffData.csv");
    let mut compared = 0;
    for row in rows(&file, &["Mutein", "IL2RaKD", "IL2RBGKD"]) {
        let Some(ligand) = Library::builtin().ligand(&row[0]) else { continue };
        for (column, chain) in [(1, "il2r_alpha"), (2, "il2r_beta_gamma")] {
            let Some(p) = ligand.parameters.get(&format!("fusion_affinity.{chain}")) else {
                continue;
            };
            let published = 1000.0 * row[column].parse::<f64>().unwrap();
            assert!(
                (p.value / published - 1.0).abs() < 1e-3,
                "{}: {} {published}",
                row[0],
                p.value
            );
            compared += 1;
        }
    }
    assert!(compared >= 12, "{compared}");
}

#[test]
#[ignore = "needs ../shared/data beside the checkout"]
fn posterior_spreads_are_those_of_the_published_draws() {
    let a = shared("meyer-lab/gc-cytokines/posterior_IL2_model_results_chain0.csv");
    let b = shared("meyer-lab/gc-cytokines/posterior_IL2_model_results_chain1.csv");
    let columns = [
        "kfwd__0",
        "endo__0",
        "activeEndo__0",
        "kRec__0",
        "kDeg__0",
        "sortF__0",
        "rxn__0",
        "rxn__1",
    ];
    let mut draws = rows(&a, &columns);
    draws.extend(rows(&b, &columns));
    let posterior = &Library::builtin().posteriors["farhat2021"];
    let logs = |c: usize| -> Vec<f64> {
        draws.iter().map(|r| r[c].parse::<f64>().unwrap().ln()).collect()
    };
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let covariance = |x: &[f64], y: &[f64]| {
        let (mx, my) = (mean(x), mean(y));
        x.iter().zip(y).map(|(a, b)| (a - mx) * (b - my)).sum::<f64>() / (x.len() - 1) as f64
    };
    for i in 0..columns.len() {
        let x = logs(i);
        let spread = covariance(&x, &x).sqrt();
        assert!((posterior.spreads[i] / spread - 1.0).abs() < 0.01, "{}", posterior.names[i]);
        for j in 0..columns.len() {
            let y = logs(j);
            let r = covariance(&x, &y) / (spread * covariance(&y, &y).sqrt());
            assert!((posterior.correlations[i][j] - r).abs() < 0.002, "{i} {j}");
        }
    }
}
