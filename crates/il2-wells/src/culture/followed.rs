//! Which cultures have a ligand with several sources, whose molecules are then followed.

use crate::culture::kind::PlannedKind;
use crate::medium::MediumPlan;
use il2::culture::kinds::Culture;
use il2::ligand::Ligand;

/// The culture with its secreted molecules followed by their source; none if every ligand has a
/// single source, so that the shares of uptake are also the shares of that source. With diffusion,
/// the concentration at a cell depends on what this cell secretes, which the equations of followed
/// molecules do not include.
pub fn followed(
    culture: &Culture,
    kinds: &[PlannedKind],
    doses: &[(Ligand, f64)],
    medium: &MediumPlan,
) -> Option<Culture> {
    let added = |label: &str| {
        let contents = medium.changes.iter().flat_map(|change| &change.contents);
        let doses = doses.iter().map(|(ligand, dose)| (ligand.label.as_str(), *dose));
        let all = doses.chain(contents.map(|(label, dose)| (label.as_str(), *dose)));
        usize::from(all.into_iter().any(|(l, dose)| l == label && dose > 0.0))
    };
    let secrete = |label: &str| {
        let of = |kind: &&PlannedKind| kind.secretes.as_deref() == Some(label) && kind.count > 0.0;
        kinds.iter().filter(of).count()
    };
    let several = |kind: &PlannedKind| {
        let label = kind.secretes.as_deref()?;
        (secrete(label) > 0 && secrete(label) + added(label) > 1).then_some(())
    };
    let wanted = culture.diffusion.is_none() && kinds.iter().any(|kind| several(kind).is_some());
    wanted.then(|| Culture { sources: true, ..culture.clone() })
}
