//! The plan of a sweep over two affinities.

use il2::culture::{ModelKind, Prepared, Setup};
use il2::ligand::Ligand;
use il2::parameter::Parameter;
use il2_answer::labels::{cell_label, named};
use il2_engine::Dimension;
use il2_study::choose::{curve_doses, prepare, readout};
use il2_study::error::StudyError;
use il2_study::study::Study;
use il2_study::study::file::AffinitySweepPart;
use il2_study::values::{Spacing, quantity};

/// A planned sweep.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the assay.
    pub name: String,
    /// By cell: model, ligand, cell and medium with the strongest bonds and with the weakest. The
    /// setups in between are built when they run, because a network for each would fill the memory.
    pub ends: Vec<[Prepared; 2]>,
    /// By cell: the setup with the unchanged ligand.
    pub(super) unchanged: Vec<Setup>,
    /// Doses (pM), increasing.
    pub doses: Vec<f64>,
    /// Whether the affinities are those measured for a fusion.
    pub(super) fused: bool,
    /// The ligand that is changed.
    pub ligand: Ligand,
    /// One cell, or the two that are compared.
    pub cells: Vec<String>,
    pub(super) alpha: Vec<f64>,
    pub(super) beta: Vec<f64>,
    /// Name of the second affinity, for the axis and column.
    pub(super) second: &'static str,
    /// The affinities of the unchanged ligand (pM, pM).
    pub(super) own: (f64, f64),
    pub(super) time: f64,
    pub(super) readout: String,
}

impl Plan {
    /// The prepared cells and ligands at both ends of the sweep.
    pub fn prepared(&self) -> Vec<&Prepared> {
        self.ends.iter().flatten().collect()
    }

    /// File names of its tables and figures, without extensions.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        (named(&self.name, &[""]), named(&self.name, &[""]))
    }

    /// Number of simulations that the assay will run.
    pub fn lanes(&self) -> usize {
        self.ends.len() * (self.alpha.len() * self.beta.len() + 1) * (self.doses.len() + 1)
    }
}

/// Plans the assay.
pub fn plan(
    study: &Study,
    at: &str,
    name: &str,
    part: &AffinitySweepPart,
) -> Result<Plan, StudyError> {
    let entry = study.model(at, part.model.as_deref())?;
    let ligand = study.ligand(&format!("{at}.ligand"), &part.ligand)?;
    let cells = il2_study::choose::cells(study, at, entry, Some(&part.cells))?;
    if !(1..=2).contains(&cells.len()) {
        let count = cells.len();
        return Err(StudyError::at(
            format!("{at}.cells"),
            format!("{count} cells are too many for one map; name one, or two to compare"),
        ));
    }
    let own = format!("{}.", ligand.label);
    if let Some((name, _)) = entry.model.overrides.iter().find(|(n, _)| n.starts_with(&own)) {
        let message = format!(
            "is swept, but the model's parameter {name} fixes one of its affinities; remove it there"
        );
        return Err(StudyError::at(format!("{at}.ligand"), message));
    }
    let kd = |at: &str, text: &il2_study::study::text::QuantityText| {
        quantity(at, text, Dimension::CONCENTRATION)
    };
    let spaced = Spacing::Logarithmic;
    let alpha = il2_study::values::grid(&format!("{at}.alpha"), &part.alpha, spaced, kd)?;
    let beta = il2_study::values::grid(&format!("{at}.beta"), &part.beta, spaced, kd)?;
    for (side, values) in [("alpha", &alpha), ("beta", &beta)] {
        if values[0] == 0.0 || values.len() < 2 {
            return Err(StudyError::at(
                format!("{at}.{side}"),
                "needs at least two dissociation constants above zero",
            ));
        }
    }
    let fused = match entry.model.kind {
        ModelKind::GammaChain(_) => ligand.parent.is_some(),
        ModelKind::Polyvalent | ModelKind::PolyvalentEquilibrium => true,
        _ => {
            let model = &entry.model.name;
            return Err(StudyError::at(
                format!("{at}.model"),
                format!("model {model} has no affinities to sweep; use gamma-chain or polyvalent"),
            ));
        }
    };
    if !ligand.private_chain.shares_beta() {
        let chain = ligand.private_chain.name();
        let message = format!(
            "binds only {chain} from solution, so a map of two affinities is not possible; name a \
             ligand that binds il2r_beta, or use a dose-response of several ligands that differ \
             in affinity.{chain}"
        );
        return Err(StudyError::at(format!("{at}.ligand"), message));
    }
    let second = second(fused);
    let (first_key, second_key) = keys(ligand, fused);
    let time = il2_study::choose::time(&format!("{at}.time"), &part.time)?;
    let doses = curve_doses(at, ligand, &part.doses)?;
    let readout_name = part.readout.as_deref().unwrap_or("signalling_complexes");
    let curves = alpha.len() * beta.len() * cells.len();
    il2_study::choose::fewer(
        at,
        ("curves", curves),
        il2_study::choose::MOST_SWEPT,
        "points or cells",
    )?;
    il2_study::choose::fewer(
        at,
        ("simulations", curves * (doses.len() + 1)),
        il2_study::choose::MOST_LANES,
        "points, doses or cells",
    )?;
    let (mut ends, mut unchanged) = (vec![], vec![]);
    for cell in &cells {
        let own = study.setup(&entry.model, vec![ligand.clone()], *cell);
        let end = |a: Option<&f64>, b: Option<&f64>| {
            let (a, b) = a.zip(b).expect("a grid has values");
            with_affinities(&own, fused, *a, *b)
        };
        let [first, last] = [end(alpha.first(), beta.first()), end(alpha.last(), beta.last())];
        let both = [prepare(at, first)?, prepare(at, last)?];
        for prepared in &both {
            readout(at, prepared, readout_name)?;
        }
        ends.push(both);
        unchanged.push(own);
    }
    let own = |key: &str| ligand.parameters.get(key).map_or(f64::NAN, |p| p.value);
    Ok(Plan {
        name: name.to_string(),
        ends,
        unchanged,
        doses,
        fused,
        own: (own(&first_key), own(&second_key)),
        ligand: ligand.clone(),
        cells: cells.into_iter().map(cell_label).collect(),
        alpha,
        beta,
        second,
        time,
        readout: readout_name.to_string(),
    })
}

/// The chain of the second affinity.
fn second(fused: bool) -> &'static str {
    if fused { "il2r_beta_gamma" } else { "il2r_beta" }
}

/// Names of the two affinities among the numbers of a ligand.
fn keys(ligand: &Ligand, fused: bool) -> (String, String) {
    let (table, first) = match fused {
        true => ("fusion_affinity", "il2r_alpha"),
        false => ("affinity", ligand.private_chain.name()),
    };
    (format!("{table}.{first}"), format!("{table}.{}", second(fused)))
}

/// A setup whose ligand has these affinities.
pub(super) fn with_affinities(setup: &Setup, fused: bool, alpha: f64, beta: f64) -> Setup {
    let mut changed = setup.clone();
    for ligand in &mut changed.ligands {
        let (first, second) = keys(ligand, fused);
        ligand.parameters.insert(first, swept(alpha));
        match fused {
            true => drop(ligand.parameters.insert(second, swept(beta))),
            false => ligand.set_beta_affinity(swept(beta)),
        }
    }
    changed
}

fn swept(kd: f64) -> Parameter {
    Parameter::from_study(kd, Dimension::CONCENTRATION, format!("{kd} pM"))
}
